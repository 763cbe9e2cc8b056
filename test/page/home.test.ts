import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { waitFor } from '../support/wait-for.ts'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)

test('an empty server shows how to send a first event, and the run appears by itself', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const page = await pages.open(server.url)
  await page.getByText('Nothing was recorded yet').waitFor()
  assert.match(
    await page.locator('pre').first().innerText(),
    new RegExp(`curl -X POST ${server.url}/api/events`),
  )
  await server.addRun({ nodes: 8, goal: 'A goal to look for' })
  await page.getByRole('link', { name: 'A goal to look for', exact: true }).waitFor()
  await page.getByRole('cell', { name: 'Completed' }).waitFor()
})

test('runs are searched, filtered by status, and the address holds it', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'good', nodes: 4, goal: 'First question' })
  await server.addRun({ runId: 'bad', nodes: 4, goal: 'Second question', fails: true })
  const page = await pages.open(server.url)
  const rows = page.locator('a[data-row]')
  await rows.nth(1).waitFor()
  await page.getByPlaceholder('Search goal or id').fill('second')
  await page.waitForURL(/q=second/)
  await waitFor('one row', async () => (await page.locator('a[data-row]').count()) === 1)
  await page.goto(`${server.url}/?status=completed`)
  await waitFor('one row', async () => (await page.locator('a[data-row]').count()) === 1)
  assert.equal(await rows.innerText(), 'First question')
})

test('a run that has said nothing for days is not shown as live', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.publish([started('dead', Date.now() - 6.5 * DAY_MS), started('alive', Date.now())])
  const page = await pages.open(server.url)
  const row = (id: string) =>
    page.getByRole('row').filter({ has: page.getByText(id, { exact: true }).last() })
  await row('dead').getByText('No news for 6 d').waitFor()
  await row('alive').getByText('Running').waitFor()
  assert.equal(await page.getByRole('table').locator('[data-pulse]').count(), 1)
  await page.goto(`${server.url}/runs/dead`)
  await page.getByText('No news for 6 d').waitFor()
  await page.getByRole('button', { name: 'Latest', exact: true }).waitFor()
  await page.getByText('The last event came 6 d 12 h ago.').waitFor()
})

test('the exact time and the whole error are told on hover, and a click on them opens the run', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'failed', nodes: 4, fails: true })
  const page = await pages.open(server.url)
  const time = page.locator('[role=row] time')
  await time.waitFor()
  const titleUnder = async (place: ReturnType<typeof page.locator>): Promise<string | null> => {
    const box = await place.boundingBox()
    assert.ok(box)
    return page.evaluate<string | null>(
      `document.elementFromPoint(${box.x + 8}, ${box.y + box.height / 2})?.closest('[title]')?.title ?? null`,
    )
  }
  assert.match((await titleUnder(time)) ?? '', /2026-11-20T09:00:00/)
  assert.match((await titleUnder(page.getByText(/^The run used more/))) ?? '', /than its budget allows\.$/)
  await time.click()
  await page.waitForURL(/runs\/failed/)
})

test('a list that is read stays in its place, asks for what is seen only, and is found again', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const ids = Array.from({ length: 130 }, (_, index) => `old-${index}`)
  await server.publish(ids.map((id, index) => started(id, Date.now() - DAY_MS + index * 1_000)))
  const page = await pages.open(`${server.url}/?kind=runs`)
  const scrollTo = (top: number): Promise<unknown> =>
    page.evaluate(`document.querySelector('[role=table]').parentElement.scrollTop = ${top}`)
  await page.getByRole('link', { name: 'old-129' }).waitFor()
  await waitFor('all pages', async () => {
    await scrollTo(100_000)
    return page.getByRole('link', { name: 'old-0', exact: true }).isVisible()
  })
  await scrollTo(3_000)
  const read = page.getByRole('link', { name: 'old-60', exact: true })
  await read.waitFor()
  const place = (await read.boundingBox())?.y
  await server.publish(['new-1', 'new-2', 'new-3', 'new-4', 'new-5'].map((id) => started(id, Date.now())))
  await waitFor(
    'the new runs',
    async () => (await page.getByRole('table').getAttribute('aria-rowcount')) === '135',
  )
  await waitFor('the row in its place', async () => (await read.boundingBox())?.y === place)

  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/api/runs?')) asked.push(request.url())
  })
  await server.publish([event('old-60', 'run_finished', Date.now(), { total_steps: 1 })])
  await page.getByRole('row').filter({ has: read }).getByText('Completed').waitFor()
  // The page in sight may be two of those that were loaded.
  assert.ok(asked.length <= 3, asked.join('\n'))

  await read.click()
  await page.getByRole('slider').waitFor()
  await page.goBack()
  await waitFor(
    'the row in its place',
    async () => (await read.isVisible()) && (await read.boundingBox())?.y === place,
  )
})

test('runs that were picked stay so through a search and a look at one of them', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.publish(['one', 'two', 'three'].map((id, index) => started(id, Date.now() + index)))
  const page = await pages.open(server.url)
  const pick = (id: string) => page.getByRole('checkbox', { name: `Pick ${id} to compare` })
  for (const id of ['three', 'one', 'two']) await pick(id).check()
  await page.getByRole('button', { name: 'Compare the two' }).waitFor()
  assert.equal(await pick('three').isChecked(), false)
  await page.getByPlaceholder('Search goal or id').fill('o')
  await page.waitForURL(/q=o/)
  await page.getByRole('link', { name: 'two', exact: true }).click()
  await page.getByRole('slider').waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Compare the two' }).click()
  await page.waitForURL(/compare\?left=one&right=two/)
})

test('an experiment tells its calls and how long it took', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const runner = join(import.meta.dirname, 'support', 'chained-runner.ts')
  await promisify(execFile)(process.execPath, [runner, String(server.runnerPort)])
  const page = await pages.open(server.url)
  const row = page.getByRole('row').filter({ hasText: 'Chain of three calls' })
  await row.getByText('Finished').waitFor()
  const cells = await row.getByRole('cell').allInnerTexts()
  assert.match(cells[4] ?? '', /^[\d.]+ (ms|s)$/)
  assert.deepEqual(cells.slice(5, 9), ['–', '3', '3', '–'])
})

test('a run tells what it came to, and an experiment its tokens where its runner does', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.publish([
    started('r', Date.now()),
    event('r', 'node_created', Date.now(), { node_id: 'root', layer: 0, task_goal: 'Count the lines' }),
    event('r', 'node_result_available', Date.now(), { node_id: 'root', result: 'There are\n42 lines' }),
    event('r', 'run_finished', Date.now(), { total_steps: 1 }),
  ])
  const runner = join(import.meta.dirname, 'support', 'chained-runner.ts')
  await promisify(execFile)(process.execPath, [runner, String(server.runnerPort), 'tells'])
  const page = await pages.open(server.url)
  const run = page.getByRole('row').filter({ hasText: 'Count the lines' })
  await run.getByText('There are 42 lines').waitFor()
  const experiment = page.getByRole('row').filter({ hasText: 'Chain of three calls' })
  await experiment.getByText('75', { exact: true }).waitFor()
})

const DAY_MS = 86_400_000

function event(runId: string, type: string, time: number, payload: object): string {
  return JSON.stringify({
    event_id: `${runId}-${type}`,
    timestamp: new Date(time).toISOString(),
    event_type: type,
    run_id: runId,
    payload,
  })
}

function started(runId: string, time: number): string {
  return event(runId, 'run_started', time, { input_data: {}, config: {}, run_mode: 'report' })
}
