/**
 * Measures the page in headless Chromium against the real server: a run of 100,000 events and 10,000 nodes, and 500 live
 * events a second. Prints milliseconds between frames (median, 95th percentile, longest), how many
 * were longer than 50, and the bytes of the first load. Beside scrolling stands the same in a bare table: a browser that paints in
 * software beside other programs has long frames of its own.
 */
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { testBrowser } from '../../test/page/support/browser.ts'
import { type PageServer, pageServer } from '../../test/page/support/page-server.ts'
import { inventRun } from '../../test/support/invented-run.ts'
import { BARE_TABLE } from './support/bare-table.ts'

const HUGE = { runId: 'huge', nodes: 10_000, breadth: 10, callsPerStep: 3, goal: 'A huge run' }
const WIDE = { runId: 'wide', nodes: 2_000, breadth: 10, goal: 'A wide run' }
const LIVE_SECONDS = 10
const LIVE_PER_SECOND = 500

const ends: (() => unknown)[] = []
const scope = { after: (fn: () => unknown) => void ends.push(fn) }
try {
  await measure()
} finally {
  for (const end of ends.reverse()) await end()
}

async function measure(): Promise<void> {
  const browser = testBrowser((fn) => scope.after(fn))
  const pages = browser.pages({ after: () => undefined })
  const server = await pageServer({ after: (fn) => void scope.after(fn) })
  await server.addRun(HUGE)
  await server.addRun(WIDE)
  const page = await pages.open('about:blank', { width: 1920, height: 1080 })
  await bareTable(page)
  await firstLoad(page, server)
  await opening(page, server)
  await slider(page, server)
  await table(page, server)
  await graph(page, server)
  await live(page, server)
}

// internal

async function firstLoad(page: Page, { url }: PageServer): Promise<void> {
  const sizes: Promise<number>[] = []
  const count = (response: { url(): string; body(): Promise<Buffer> }): void => {
    if (!response.url().endsWith('.js')) return
    sizes.push(response.body().then((body) => gzipSync(body).length))
  }
  page.on('response', count)
  await page.goto(url, { waitUntil: 'networkidle' })
  page.off('response', count)
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  print('first load, JavaScript, gzip', `${(bytes / 1_024).toFixed(0)} KB`)
}

async function opening(page: Page, { url }: PageServer): Promise<void> {
  await page.goto(url)
  const link = page.getByRole('link', { name: HUGE.goal, exact: true })
  await link.waitFor()
  const start = performance.now()
  await frames(page, 'opening the huge run', async () => {
    await link.click()
    await page.getByRole('slider').waitFor()
    await page.getByText('Slowest nodes').waitFor()
    print('opening: usable after', `${(performance.now() - start).toFixed(0)} ms`)
    await page.getByRole('link', { name: /^Events [\d,]{7}/ }).waitFor()
    await page.getByLabel('Loading the run').waitFor({ state: 'detached' })
    print('opening: all events after', `${(performance.now() - start).toFixed(0)} ms`)
  })
}

async function slider(page: Page, { url }: PageServer): Promise<void> {
  for (const tab of ['overview', 'graph', 'timeline', 'events']) {
    await openHugeRun(page, url, tab)
    await frames(page, `dragging the slider, ${tab}`, () => dragSlider(page))
  }
}

/** Opens a tab anew, so that nothing of what was measured before is cleared away meanwhile, and waits for all events. */
async function openHugeRun(page: Page, url: string, tab: string): Promise<void> {
  await page.goto(`${url}/runs/${HUGE.runId}?tab=${tab}`)
  await page.getByRole('link', { name: /^Events 1\d\d,/ }).waitFor()
  await page.getByLabel('Loading the run').waitFor({ state: 'detached' })
}

/** From the end to the beginning and back. */
async function dragSlider(page: Page): Promise<void> {
  const track = await page.getByRole('slider').boundingBox()
  if (track === null) throw new Error('the slider is not in sight')
  const y = track.y + track.height / 2
  await page.mouse.move(track.x + track.width * 0.98, y)
  await page.mouse.down()
  for (let step = 0; step <= 60; step += 1) {
    await page.mouse.move(track.x + track.width * (0.5 + 0.48 * Math.cos((step / 60) * 2 * Math.PI)), y)
    await page.waitForTimeout(16)
  }
  await page.mouse.up()
}

async function bareTable(page: Page): Promise<void> {
  await page.setContent(BARE_TABLE)
  await page.mouse.move(900, 500)
  await frames(page, 'scrolling a bare table', () => scroll(page))
}

async function scroll(page: Page): Promise<void> {
  for (let step = 0; step < 80; step += 1) {
    await page.mouse.wheel(0, step < 60 ? 900 : 40_000)
    await page.waitForTimeout(16)
  }
}

async function table(page: Page, { url }: PageServer): Promise<void> {
  await openHugeRun(page, url, 'events')
  await page.keyboard.press('End')
  const box = await page.getByRole('table', { name: 'Events' }).boundingBox()
  if (box === null) throw new Error('the table is not in sight')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await frames(page, 'scrolling 100,000 events', () => scroll(page))
  // Found beforehand, because looking for a button by its name takes the page's own time.
  const [calls, tools] = [await middleOf(page, 'llm_call_started'), await middleOf(page, 'tool_invoked')]
  await frames(page, 'filtering by type', async () => {
    for (const { x, y } of [calls, tools, calls, tools]) {
      await page.mouse.click(x, y)
      await page.waitForTimeout(150)
    }
  })
  await frames(page, 'filtering by text', async () => {
    await page.getByPlaceholder('Search in events').pressSequentially('editorial workflow', { delay: 40 })
    await page.waitForTimeout(3_000)
  })
}

async function middleOf(page: Page, button: string): Promise<{ x: number; y: number }> {
  const box = await page.getByRole('button', { name: button }).boundingBox()
  if (box === null) throw new Error(`the button ${button} is not in sight`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

async function graph(page: Page, { url }: PageServer): Promise<void> {
  await page.goto(`${url}/runs/${WIDE.runId}`)
  await page.getByText('Slowest nodes').waitFor()
  await frames(page, 'unfolding a graph of 2,000 nodes', async () => {
    await page.keyboard.press('2')
    await page.getByRole('button', { name: 'Unfold everything' }).click()
    await page.waitForURL(/fold=/)
    await page.waitForTimeout(3_000)
  })
  await page.getByRole('button', { name: 'Show the whole graph' }).click()
  await frames(page, 'dragging the slider, 2,000 nodes', () => dragSlider(page))
  await frames(page, 'moving a graph of 2,000 nodes', async () => {
    await page.mouse.move(900, 500)
    await page.mouse.down()
    for (let step = 0; step < 60; step += 1) {
      await page.mouse.move(900 + 300 * Math.sin(step / 8), 500 + 120 * Math.cos(step / 8))
      await page.waitForTimeout(16)
    }
    await page.mouse.up()
  })
  await frames(page, 'zooming a graph of 2,000 nodes', async () => {
    for (let step = 0; step < 40; step += 1) {
      await page.mouse.wheel(0, step < 20 ? -120 : 120)
      await page.waitForTimeout(16)
    }
  })
}

async function live(page: Page, server: PageServer): Promise<void> {
  const events = inventRun({ runId: 'live', nodes: 1_500, breadth: 10, open: true }).map((event) =>
    JSON.stringify(event),
  )
  await server.publish(events.slice(0, 10))
  await page.goto(`${server.url}/runs/live?tab=graph`)
  await page.locator('.react-flow__node').first().waitFor()
  const before = await heapBytes(page)
  await frames(page, `${LIVE_PER_SECOND} live events a second`, async () => {
    const share = LIVE_PER_SECOND / 10
    for (let tick = 0; tick < LIVE_SECONDS * 10; tick += 1) {
      await server.publish(events.slice(10 + tick * share, 10 + (tick + 1) * share))
      await page.waitForTimeout(85)
    }
  })
  print('heap before and after', `${megabytes(before)} and ${megabytes(await heapBytes(page))}`)
}

/** Runs `act` while the page notes how long each frame took. */
async function frames(page: Page, name: string, act: () => Promise<void>): Promise<void> {
  await page.evaluate(`{
    window.frameTimes = []
    let last = performance.now()
    window.framesOn = true
    requestAnimationFrame(function note(now) {
      window.frameTimes.push(now - last)
      last = now
      if (window.framesOn) requestAnimationFrame(note)
    })
  }`)
  await act()
  const times = await page.evaluate<number[]>('window.framesOn = false, window.frameTimes')
  times.sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(0)
  // A frame of three display intervals is 50 ms, measured with some noise.
  const slow = times.filter((time) => time > 51).length
  print(name, `${at(0.5)} / ${at(0.95)} / ${at(1)} ms a frame, ${slow} of ${times.length} above 50`)
}

async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MB`
}

function print(name: string, value: string): void {
  console.log(`${name.padEnd(40)} ${value}`)
}
