import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { inventRun } from '../support/invented-run.ts'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)
const LOST = /ERR_CONNECTION_REFUSED|WebSocket|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|503/

test('when the server goes and comes back, the page says so, catches up, and shows nothing twice', async (t) => {
  const pages = browser.pages(t)
  const program = createTemporaryProgram(t)
  const first = await startServer(program)
  const port = new URL(first.url).port
  const events = inventRun({ runId: 'gone', nodes: 12 }).map((event) => JSON.stringify(event))
  await first.publish(events.slice(0, 50))
  const page = await pages.open(`${first.url}/runs/gone?tab=events`, { allow: LOST })
  await page.getByText('50 events', { exact: true }).waitFor()
  await program.run(['stop'])
  await page.getByText(/Offline, again in/).waitFor()
  const second = await startServer(program, ['--port', port])
  await second.publish(events.slice(40))
  await page.getByText('Live', { exact: true }).first().waitFor()
  await page.getByText(`${events.length} events`, { exact: true }).waitFor()
})

test('a view that could not be loaded keeps the frame, and can be opened once the server is back', async (t) => {
  const pages = browser.pages(t)
  const program = createTemporaryProgram(t)
  const first = await startServer(program)
  const port = new URL(first.url).port
  await first.publish(inventRun({ runId: 'gone', nodes: 12 }).map((event) => JSON.stringify(event)))
  const page = await pages.open(`${first.url}/runs/gone?tab=events`, {
    allow: new RegExp(`${LOST.source}|LoadError|could not be loaded`),
  })
  await page.getByText('Live', { exact: true }).first().waitFor()
  await program.run(['stop'])
  await page.getByText(/Offline, again in/).waitFor()
  await page.keyboard.press('2')
  await page.getByText('This view could not be loaded').waitFor()
  await page.getByRole('link', { name: 'Server', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('The server cannot be reached').waitFor()
  await startServer(program, ['--port', port])
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByLabel('Search a node').waitFor()
})

test('a server with a token asks for it once', async (t) => {
  const pages = browser.pages(t)
  const server = await startServer(createTemporaryProgram(t, { AO_TOKEN: 'open-sesame-0123456789' }))
  const page = await pages.open(server.url, { allow: /401|WebSocket/ })
  await page.getByText('This server asks for its token').waitFor()
  await page.getByText('Waits for the token', { exact: true }).waitFor()
  assert.equal(await page.getByText(/Offline/).count(), 0)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByText('click “Waits for the token” above').waitFor()
  await page.getByRole('button', { name: 'Waits for the token' }).click()
  await page.getByRole('textbox', { name: 'Token' }).fill('wrong')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText(/not the token/).waitFor()
  await page.getByRole('textbox', { name: 'Token' }).fill('open-sesame-0123456789')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Nothing was recorded yet').waitFor()
  await page.reload()
  await page.getByText('Nothing was recorded yet').waitFor()
  assert.equal(await page.getByText('This server asks for its token').count(), 0)
  const [cookie] = await page.context().cookies()
  assert.ok(Number(cookie?.expires) > Date.now() / 1_000 + 179 * 86_400, 'a new browser session has it, too')
})

test('a run that is deleted elsewhere leaves the page', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'doomed', nodes: 4 })
  const page = await pages.open(`${server.url}/runs/doomed`, { allow: /404/ })
  await page.getByText('Completed', { exact: true }).waitFor()
  await page.getByText('Live', { exact: true }).first().waitFor()
  await fetch(`${server.url}/api/runs/doomed`, { method: 'DELETE' })
  await page.getByText('This run was deleted').waitFor()
})

test('a page of another loopback port may read events, but change nothing', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'shared', nodes: 4 })
  const other = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<title>other</title>'),
  )
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.after(() => other.close())
  const address = other.address()
  const page = await pages.open(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, {
    allow: /CORS|403|Failed to load/,
  })
  const url = JSON.stringify(server.url)
  const read = await page.evaluate(
    `fetch(${url} + '/api/runs').then((answer) => answer.json()).then(({ runs }) => runs.length)`,
  )
  assert.equal(read, 1)
  const socket = await page.evaluate(`new Promise((resolve) => {
    const opened = new WebSocket(${url}.replace('http', 'ws') + '/ws/events?control=1')
    opened.onmessage = () => resolve('open')
    opened.onerror = () => resolve('refused')
  })`)
  assert.equal(socket, 'open')
  const write = await page.evaluate(
    `fetch(${url} + '/api/runs/shared', { method: 'DELETE' }).then((answer) => String(answer.status), () => 'refused')`,
  )
  assert.equal(write, 'refused')
})
