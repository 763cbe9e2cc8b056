/** The page in windows of a tablet's and of a phone's width. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import type { Locator } from 'playwright-core'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)
const TABLET = { width: 1024, height: 768 }
const PHONE = { width: 390, height: 844 }

/** By how much the contents of an element are wider than it. */
function overflowOf(place: Locator): Promise<number> {
  return place.evaluate((shown) => shown.scrollWidth - shown.clientWidth)
}

async function assertInSight(place: Locator): Promise<void> {
  const box = await place.boundingBox()
  assert.ok(
    box !== null && box.x >= 0 && box.x + box.width <= PHONE.width,
    `${place} at ${JSON.stringify(box)}`,
  )
}

async function assertBelow(lower: Locator, upper: Locator): Promise<void> {
  const [below, above] = [await lower.boundingBox(), await upper.boundingBox()]
  assert.ok(
    below && above && above.height > 100 && below.y >= above.y + above.height,
    `${lower} below ${upper}`,
  )
}

async function assertRowsFill(scroller: Locator): Promise<void> {
  const width = await scroller.evaluate((shown) => shown.scrollWidth)
  assert.ok(width > PHONE.width)
  for (const row of await scroller.getByRole('row').all())
    assert.equal((await row.boundingBox())?.width, width)
}

test('the list of runs fits the width of a tablet, and below that scrolls sideways as a whole, like that of events', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 4 })
  const page = await pages.open(server.url, TABLET)
  const table = page.getByRole('table')
  const scroller = table.locator('..')
  await page.locator('a[data-row]').waitFor()
  assert.equal(await overflowOf(scroller), 0)
  await page.setViewportSize(PHONE)
  await assertRowsFill(scroller)
  await page.goto(`${server.url}/runs/one?tab=events`)
  await page.getByText('run_finished').first().waitFor()
  await assertRowsFill(page.getByRole('table', { name: 'Events' }))
})

test('on a phone the bar has the palette and a name for each view', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 4, goal: 'Reached by touch' })
  const page = await pages.open(`${server.url}/server`, PHONE)
  await page.getByRole('button', { name: 'Go to run, node or command' }).click()
  await page.getByRole('dialog').getByText('Reached by touch').click()
  await page.waitForURL(/runs\/one/)
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await page.locator('a[data-row]').waitFor()
  assert.equal(await overflowOf(page.getByRole('banner')), 0)
})

test('on a phone the list of runs and the tabs of a run are as wide as the window, tools included', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 20 })
  const page = await pages.open(server.url, PHONE)
  const view = page.getByRole('main')
  await page.locator('a[data-row]').waitFor()
  await assertInSight(page.getByText('Experiments', { exact: true }))
  await assertInSight(page.getByRole('combobox', { name: 'Status' }))
  for (const [tab, sign, tool] of [
    ['overview', 'Slowest nodes', 'More'],
    ['graph', 'Needs another look', 'Show the whole graph'],
    ['timeline', 'Step, call or tool', 'Whole run (0)'],
    ['events', 'run_finished', 'Newest first; show oldest first'],
  ] as const) {
    await page.goto(`${server.url}/runs/one?tab=${tab}`)
    await page.getByText(sign).first().waitFor()
    assert.equal(await overflowOf(view), 0, tab)
    await assertInSight(page.getByRole('button', { name: tool }))
  }
  await page.goto(`${server.url}/runs/one?tab=graph`)
  // A click fails on what lies under something else.
  await page.getByPlaceholder('Search a node').click()
})

test('on a phone a call is chosen in its graph, and read and edited below it', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const runner = join(import.meta.dirname, 'support', 'chained-runner.ts')
  await promisify(execFile)(process.execPath, [runner, String(server.runnerPort)])
  const page = await pages.open(server.url, PHONE)
  await page.getByRole('link', { name: 'Chain of three calls' }).click()
  const call = page.getByRole('button', { name: /Step 2/ })
  await call.waitFor()
  await assertInSight(call)
  const box = await call.boundingBox()
  assert.ok(box !== null && box.width >= 100 && box.height >= 24, JSON.stringify(box))
  await call.click()
  const panel = page.getByRole('complementary', { name: 'LLM call' })
  assert.equal((await panel.boundingBox())?.width, PHONE.width)
  await assertBelow(panel, page.getByRole('group', { name: 'Graph of LLM calls' }))
  await page.getByText('Cache', { exact: true }).click()
  await page.getByText('Output', { exact: true }).click()
  assert.ok(((await panel.locator('[data-fill]').boundingBox())?.height ?? 0) > 150)
  assert.equal(await overflowOf(page.getByRole('main')), 0)
})

test('on a phone the panel of a node lies between its graph and the time slider', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 20 })
  const page = await pages.open(`${server.url}/runs/one?tab=graph&node=one-n2`, PHONE)
  const panel = page.getByRole('complementary', { name: 'Node' })
  await panel.getByText('Status history').waitFor()
  assert.equal((await panel.boundingBox())?.width, PHONE.width)
  await assertBelow(panel, page.getByRole('group', { name: 'Graph of tasks' }))
  await assertBelow(page.getByRole('slider'), panel)
  await page.setViewportSize({ width: PHONE.width, height: 500 })
  assert.ok(((await panel.boundingBox())?.height ?? 0) >= 260)
  await page.getByRole('button', { name: 'Play', exact: true }).click()
})

test('on a phone a node that is compared is shown at once, below the table', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 20, seed: 5 })
  await server.addRun({ runId: 'two', nodes: 20, seed: 6 })
  const page = await pages.open(`${server.url}/compare?left=one&right=two`, PHONE)
  await page.getByRole('button', { name: /^root/ }).click()
  const panel = page.getByRole('complementary', { name: 'Differences of the node' })
  await panel.getByText('Plan differs').waitFor()
  const box = await panel.boundingBox()
  assert.ok(
    box !== null && box.width === PHONE.width && box.y + box.height <= PHONE.height,
    JSON.stringify(box),
  )
  assert.equal(await overflowOf(page.getByRole('main')), 0)
  await panel.getByRole('button', { name: 'Close' }).click()
})
