import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { inventRun } from '../support/invented-run.ts'
import { waitFor } from '../support/wait-for.ts'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'
import { redisStream } from './support/redis-stream.ts'

const browser = testBrowser(after)

test('a run is followed live while its events arrive in Redis, and each event is shown once', async (t) => {
  const pages = browser.pages(t)
  const redis = await redisStream(t)
  const server = await pageServer(t, { REDIS_URL: redis.url })
  const events = inventRun({ runId: 'live-run', nodes: 30 })
  const page = await pages.open(server.url)
  await redis.publish(events.slice(0, 60))
  await page.locator('a[data-row]').click()
  await page.getByRole('link', { name: /^Events/ }).click()
  await page.getByText('60 events').waitFor()
  for (let at = 60; at < events.length; at += 7) await redis.publish(events.slice(at, at + 7))
  await page.getByText(`${events.length} events`, { exact: true }).waitFor()
  await page.getByText('Completed', { exact: true }).waitFor()
  const shown = await page.locator('[role=row] [role=cell]:first-child').allInnerTexts()
  assert.equal(new Set(shown).size, shown.length)
  assert.equal(shown[0], String(events.length))
})

test('the slider shows every tab as it was after an event, and a link opens the same view', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'travel', nodes: 30 })
  const events = inventRun({ runId: 'travel', nodes: 30 })
  const at = events.findIndex((event) => event.event_type === 'inner_graph_built') + 1
  const nodes = events.slice(0, at).filter((event) => event.event_type === 'node_created').length
  const page = await pages.open(`${server.url}/runs/travel?tab=events&at=${at}`)
  await page.getByText(`${at} events`, { exact: true }).waitFor()
  await page.getByText('Running', { exact: true }).waitFor()
  await page.getByRole('link', { name: /^Graph/ }).click()
  await waitFor('the nodes', async () => (await page.locator('.react-flow__node').count()) === nodes)
  await page.getByRole('link', { name: /^Timeline/ }).click()
  await page.getByText('2 rows').waitFor()

  await page.keyboard.press('ArrowRight')
  await page.waitForURL(new RegExp(`at=${at + 1}`))
  await page.keyboard.press('End')
  await page.waitForURL((url) => !url.searchParams.has('at'))
  await page.getByText('Completed', { exact: true }).waitFor()
  await page.goBack()
  await page.waitForURL(/tab=graph/)
})

test('playing moves through the run and stops at its end', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'played', nodes: 30 })
  const total = inventRun({ runId: 'played', nodes: 30 }).length
  const page = await pages.open(`${server.url}/runs/played`)
  await page.locator(`[role=slider][aria-valuemax="${total}"]`).waitFor()
  // At its first speed the run would play for minutes, so that playing is sure to be seen.
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await page.getByRole('button', { name: /^Speed/ }).click()
  await page.getByRole('menuitem', { name: '200×' }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  const slider = page.getByRole('slider')
  assert.equal(await slider.getAttribute('aria-valuenow'), await slider.getAttribute('aria-valuemax'))
})

test('a node has its goal, statuses, result, calls as a conversation, and inner nodes', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'nodes', nodes: 20 })
  const page = await pages.open(`${server.url}/runs/nodes?tab=graph`)
  await page.getByPlaceholder('Search a node').fill('2')
  await page.keyboard.press('Enter')
  const panel = page.getByRole('complementary', { name: 'Node' })
  await panel.getByText('The sources agree on three points:').waitFor()
  await panel.locator('table').waitFor()
  await panel
    .getByRole('button', { name: /SimpleExecutor|SearchAgent/ })
    .first()
    .click()
  await panel.getByText('You are a careful analyst.').waitFor()
  await panel.getByText('Status history').waitFor()
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  // The search has zoomed in on the node that it found.
  await page.getByRole('button', { name: 'Show the whole graph' }).click()
  await page.locator('.react-flow__node button', { hasText: 'root' }).first().click()
  await panel.getByText('Inner nodes').waitFor()
  await panel.getByText('Plan', { exact: true }).waitFor()
})

test('a graph of more nodes than can be read is painted: a click opens a node, and coming closer makes elements', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'crowd', nodes: 500, breadth: 10 })
  const created = inventRun({ runId: 'crowd', nodes: 500, breadth: 10 })
    .filter((event) => event.event_type === 'node_created')
    .map(({ payload }) => payload)
  const leaf = created.findLast(({ node_id }) =>
    created.every(({ outer_node_id }) => outer_node_id !== node_id),
  )
  const page = await pages.open(`${server.url}/runs/crowd?tab=graph&fold=*`)
  const graph = page.getByRole('group', { name: 'Graph of tasks' })
  const elements = page.locator('.react-flow__node')
  const whole = page.getByRole('button', { name: 'Show the whole graph' })
  await waitFor('the painted graph', async () => {
    await whole.click()
    return (await graph.getAttribute('data-far')) !== null && (await elements.count()) === 0
  })
  const box = await graph.boundingBox()
  assert.ok(box)
  // The root holds everything, so that there is a node wherever one clicks within the graph.
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  const panel = page.getByRole('complementary', { name: 'Node' })
  await panel.getByText('Status history').waitFor()
  await page.keyboard.press('Escape')
  await page.getByPlaceholder('Search a node').fill(String(leaf?.node_nid))
  await page.keyboard.press('Enter')
  await elements.first().waitFor()
  assert.ok((await elements.count()) <= 160)
})

test('events are filtered by type, node and text, opened, and linked', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'filtered', nodes: 20 })
  const page = await pages.open(`${server.url}/runs/filtered?tab=events`)
  await page.getByRole('button', { name: /node_created/ }).click()
  await page.getByText('20 events', { exact: true }).waitFor()
  await page.getByPlaceholder('Search in events').fill('conclusion')
  await page.waitForURL(/q=conclusion/)
  await page.getByText('20 events', { exact: true }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /Newest first/ }).click()
  await page.waitForURL(/order=oldest/)
  await page.locator('[role=row]').nth(1).click()
  await page.getByRole('complementary', { name: 'Event' }).getByText('"node_created"').waitFor()
  const link = page.url()
  const other = await pages.open(link)
  await other.getByRole('complementary', { name: 'Event' }).getByText('"node_created"').waitFor()
  assert.equal(await other.getByPlaceholder('Search in events').inputValue(), 'conclusion')
})

test('a payload above 64 KB is loaded when it is opened', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const big = {
    event_id: 'big',
    timestamp: '2026-01-01T00:00:00Z',
    run_id: 'big',
    event_type: 'node_result_available',
  }
  await server.publish([
    JSON.stringify({ ...big, payload: { node_id: 'n', result: `start ${'long '.repeat(40_000)} end` } }),
  ])
  const page = await pages.open(`${server.url}/runs/big?tab=events`)
  await page.getByText('1 event', { exact: true }).waitFor()
  const asked = page.waitForRequest(/\/events\/1$/)
  await page.locator('[role=row]').nth(1).click()
  await asked
  await page
    .getByText(/start long long/)
    .first()
    .waitFor()
})

test('events that come in above leave what is read in its place', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const events = inventRun({ runId: 'read', nodes: 30 }).map((event) => JSON.stringify(event))
  await server.publish(events.slice(0, 200))
  const page = await pages.open(`${server.url}/runs/read?tab=events`)
  await page.getByText('200 events', { exact: true }).waitFor()
  const table = page.getByRole('table', { name: 'Events' })
  await page.evaluate('document.querySelector("[role=table]").scrollTop = 1500')
  const read = table.getByRole('row').filter({ has: page.getByText('140', { exact: true }) })
  await read.waitFor()
  const place = (await read.boundingBox())?.y
  await server.publish(events.slice(200, 240))
  await page.getByText('240 events', { exact: true }).waitFor()
  await waitFor('the row in its place', async () => (await read.boundingBox())?.y === place)
  await page.evaluate('document.querySelector("[role=table]").scrollTop = 0')
  await server.publish(events.slice(240, 241))
  await table.getByRole('cell', { name: '241', exact: true }).waitFor()
  assert.equal(await page.evaluate('document.querySelector("[role=table]").scrollTop'), 0)
})

test('timeline and events are found again as they were left: folded, zoomed, and in their place', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const recorded = inventRun({ runId: 'left', nodes: 60 }).map((event) => JSON.stringify(event))
  await server.publish(recorded)
  const page = await pages.open(`${server.url}/runs/left?tab=events`)
  await page.getByText(`${recorded.length.toLocaleString('en')} events`, { exact: true }).waitFor()
  const timeline = page.getByRole('table', { name: 'Timeline' })
  await page.keyboard.press('3')
  await timeline.waitFor()
  const scrolled = (): Promise<number> =>
    page.evaluate<number>('document.querySelector("[role=table]")?.scrollTop ?? -1')
  /** Scrolls, as soon as there is as much, and waits until the page has been told of it. */
  const scrollTo = (top: number): Promise<unknown> =>
    waitFor('the place that is scrolled to', () =>
      page.evaluate<boolean>(
        `new Promise((done) => {
          const table = document.querySelector("[role=table]")
          table.scrollTop = ${top}
          requestAnimationFrame(() => requestAnimationFrame(() => done(table.scrollTop === ${top})))
        })`,
      ),
    )
  const unfolded = await timeline.getAttribute('aria-rowcount')
  await page.getByRole('button', { name: 'Fold all steps', exact: true }).click()
  await waitFor('folded steps', async () => (await timeline.getAttribute('aria-rowcount')) !== unfolded)
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  const axis = timeline.getByRole('columnheader', { name: 'Time since the beginning' })
  const [rows, times] = [await timeline.getAttribute('aria-rowcount'), await axis.innerText()]
  await page.keyboard.press('2')
  await timeline.waitFor({ state: 'detached' })
  await page.keyboard.press('3')
  await timeline.waitFor()
  assert.deepEqual([await timeline.getAttribute('aria-rowcount'), await axis.innerText()], [rows, times])

  await page.getByRole('button', { name: 'Unfold all steps' }).click()
  await page.getByRole('button', { name: 'Whole run' }).click()
  await waitFor('all rows', async () => (await timeline.getAttribute('aria-rowcount')) === unfolded)
  await scrollTo(400)
  await page.keyboard.press('2')
  await timeline.waitFor({ state: 'detached' })
  await page.goBack()
  await waitFor('the place in the timeline', async () => (await scrolled()) === 400)

  const events = page.getByRole('table', { name: 'Events' })
  await page.keyboard.press('4')
  await events.waitFor()
  assert.equal(await scrolled(), 0)
  await scrollTo(2_000)
  await page.keyboard.press('3')
  await timeline.waitFor()
  await page.keyboard.press('4')
  await events.waitFor()
  await waitFor('the place in the events', async () => (await scrolled()) === 2_000)
  // Opening an event makes another entry of the history.
  await events.getByRole('row').nth(12).click()
  await page.getByRole('complementary', { name: 'Event', exact: true }).waitFor()
  await scrollTo(3_000)
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await page.locator('a[data-row]').waitFor()
  await page.goBack()
  await waitFor('the place in the reopened run', async () => (await scrolled()) === 3_000)
})

test('a growing graph stays in view as a whole until the view is moved', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const events = inventRun({ runId: 'grows', nodes: 60 }).map((event) => JSON.stringify(event))
  await server.publish(events.slice(0, 60))
  const page = await pages.open(`${server.url}/runs/grows?tab=graph`)
  const root = page.locator('.react-flow__node').first()
  await root.waitFor()
  const graph = page.getByRole('group', { name: 'Graph of tasks' })
  const isWhole = async (): Promise<boolean> => {
    const [inner, outer] = [await root.boundingBox(), await graph.boundingBox()]
    return (
      inner !== null &&
      outer !== null &&
      inner.x >= outer.x &&
      inner.y >= outer.y &&
      inner.x + inner.width <= outer.x + outer.width &&
      inner.y + inner.height <= outer.y + outer.height
    )
  }
  const map = page.getByRole('img', { name: 'Overview of the graph' })
  await waitFor('the whole graph', isWhole)
  const before = (await root.boundingBox())?.width ?? 0
  await server.publish(events.slice(60, 300))
  await page.getByRole('link', { name: 'Events 300' }).waitFor()
  await waitFor(
    'the grown graph',
    async () => (await root.boundingBox())?.width !== before && (await isWhole()),
  )
  assert.equal(await map.isVisible(), false)
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await map.waitFor()
  const viewport = page.locator('.react-flow__viewport')
  await waitFor('the end of the zoom', async () => {
    const style = await viewport.getAttribute('style')
    await page.waitForTimeout(300)
    return style === (await viewport.getAttribute('style'))
  })
  const style = await viewport.getAttribute('style')
  await server.publish(events.slice(300))
  await page.getByText('Completed', { exact: true }).waitFor()
  assert.equal(await viewport.getAttribute('style'), style)
})

test('a run tells what its root node came to, and an event that lies ahead says so', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'result', nodes: 8 })
  const page = await pages.open(`${server.url}/runs/result`)
  const result = page.getByRole('region', { name: 'Result' })
  await result.getByText('The sources agree on three points:').waitFor()
  await page.getByRole('button', { name: /^root .* tok$/ }).waitFor()
  await page.goto(`${server.url}/runs/result?tab=events&at=10&event=30`)
  await page.getByText('Not there yet').waitFor()
  await page.getByRole('button', { name: 'Go to its moment' }).click()
  await page.waitForURL(/at=30/)
  await page.getByRole('complementary', { name: 'Event' }).getByText('"event_id"').waitFor()
})

test('beside an open panel the summaries of events have room, and a click into a row of the timeline opens it', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'room', nodes: 8 })
  const page = await pages.open(`${server.url}/runs/room?tab=events&event=20`)
  const summary = page.getByRole('row').nth(1).getByRole('cell').last()
  await page.getByRole('complementary', { name: 'Event', exact: true }).waitFor()
  await waitFor('room', async () => ((await summary.boundingBox())?.width ?? 0) > 300)
  await page.getByRole('button', { name: /^node_created/ }).click()
  await page.getByText('8 events', { exact: true }).waitFor()
  await page.goto(`${server.url}/runs/room?tab=timeline`)
  const row = page.getByRole('row').nth(3)
  await row.waitFor()
  const box = await row.boundingBox()
  assert.ok(box)
  await page.mouse.click(box.x + box.width - 30, box.y + box.height / 2)
  await page.getByRole('complementary', { name: /^(Node|Event)$/ }).waitFor()
})

test('a failed run shows its error, and an unknown run says what to do', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'failed', nodes: 6, fails: true })
  const page = await pages.open(`${server.url}/runs/failed`)
  await page.getByText('BudgetExceeded').first().waitFor()
  await page.getByText('The run used more tokens than its budget allows.').waitFor()
  assert.equal(await page.getByRole('region', { name: 'Stack trace' }).getAttribute('tabindex'), '0')
  const missing = await pages.open(`${server.url}/runs/nothing`, { allow: /404/ })
  await missing.getByText('No such run').waitFor()
  await missing.getByRole('link', { name: 'All runs', exact: true }).click()
  await missing.getByRole('cell', { name: 'Failed', exact: true }).waitFor()
})
