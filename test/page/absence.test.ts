import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page, WebSocket } from 'playwright-core'
import { inventRun } from '../support/invented-run.ts'
import { waitFor } from '../support/wait-for.ts'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)

/** Makes the page believe that its tab is hidden or seen; a headless browser has no other tab to put before it. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
}

/** The live connections that the page opened, the newest last, with how many frames came over each. */
function liveConnections(page: Page): { socket: WebSocket; frames: number }[] {
  const opened: { socket: WebSocket; frames: number }[] = []
  page.on('websocket', (socket) => {
    if (!socket.url().includes('/ws/events')) return
    const connection = { socket, frames: 0 }
    opened.push(connection)
    socket.on('framereceived', () => {
      connection.frames += 1
    })
  })
  return opened
}

test('a hidden tab neither draws nor asks while events arrive, and shows them when it is seen again', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const events = inventRun({ runId: 'hidden', nodes: 30, open: true }).map((event) => JSON.stringify(event))
  await server.publish(events.slice(0, 50))
  const page = await pages.open('about:blank')
  const connections = liveConnections(page)
  await page.goto(`${server.url}/runs/hidden?tab=events`)
  await page.getByText('50 events', { exact: true }).waitFor()
  await page.getByText('Live', { exact: true }).first().waitFor()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  // What the events before have set off is over when the page has been still for a second.
  await page.evaluate(`new Promise((resolve) => {
    window.changes = 0
    let still = setTimeout(resolve, 1_200)
    new MutationObserver((records) => {
      window.changes += records.length
      clearTimeout(still)
      still = setTimeout(resolve, 1_200)
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
  })`)
  await setHidden(page, true)
  await page.evaluate('window.changes = 0')
  asked.length = 0
  const before = connections[0]?.frames ?? 0
  for (let at = 50; at < 150; at += 10) await server.publish(events.slice(at, at + 10))
  await waitFor('the events at the page', () => (connections[0]?.frames ?? 0) >= before + 10)
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 300)))')
  assert.equal(await page.evaluate('window.changes'), 0)
  assert.deepEqual(asked, [])
  await setHidden(page, false)
  await page.getByText('150 events', { exact: true }).waitFor()
  assert.equal(connections.length, 1)
})

test('a tab hidden for longer lets its connection go; back after too much was missed, it loads anew and says so', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t, {}, { knownIdsMax: 20 })
  const events = inventRun({ runId: 'away', nodes: 30 }).map((event) => JSON.stringify(event))
  await server.publish(events.slice(0, 50))
  const page = await pages.open('about:blank')
  await page.clock.install()
  const connections = liveConnections(page)
  await page.goto(`${server.url}/runs/away?tab=events`)
  await page.getByText('50 events', { exact: true }).waitFor()
  await page.getByText('Live', { exact: true }).first().waitFor()
  await setHidden(page, true)
  await page.clock.fastForward(61_000)
  await waitFor('the end of the connection', () => connections[0]?.socket.isClosed())
  await server.publish(events.slice(50))
  await setHidden(page, false)
  await page.getByText('Loaded anew').waitFor()
  await page.getByText(`${events.length} events`, { exact: true }).waitFor()
  const shown = await page.locator('[role=row] [role=cell]:first-child').allInnerTexts()
  assert.equal(shown[0], String(events.length))
  assert.equal(new Set(shown).size, shown.length)
  const [, refused, fresh] = connections.map(({ socket }) => new URL(socket.url()).searchParams)
  assert.ok(refused?.has('after'))
  assert.equal(fresh?.has('after'), false)
})
