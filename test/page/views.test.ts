import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { waitFor } from '../support/wait-for.ts'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'
import { redisStream } from './support/redis-stream.ts'

const browser = testBrowser(after)

test('two runs are compared: where they part, which nodes differ, and their texts', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 20, seed: 5 })
  await server.addRun({ runId: 'two', nodes: 20, seed: 6 })
  const page = await pages.open(server.url)
  await page.getByRole('checkbox').nth(0).check()
  await page.getByRole('checkbox').nth(1).check()
  await page.getByRole('button', { name: 'Compare the two' }).click()
  await page.getByText('They part here').waitFor()
  await page.getByText('plan_received').first().waitFor()
  await page.getByRole('button', { name: /^root/ }).click()
  await page.getByText('Plan differs').waitFor()
  await page.waitForURL(/node=/)
  for (const area of [
    page.getByRole('region', { name: 'Totals of both runs' }),
    page.getByRole('table', { name: 'Nodes of both runs' }),
  ])
    assert.equal(await area.evaluate((shown) => shown.scrollWidth - shown.clientWidth), 0, 'nothing is cut')

  await page.goto(`${server.url}/compare?left=one&right=two`)
  const picker = page.getByRole('combobox', { name: 'First run' })
  await waitFor('the goal in the box', async () => /^What is .* one$/.test(await picker.inputValue()))
  await picker.click()
  const options = page.getByRole('option')
  await options.nth(1).waitFor()
  await options.filter({ hasText: '· two' }).click()
  await page.waitForURL(/left=two/)
  await page.goto(`${server.url}/compare?left=one&right=one`)
  await page.getByText('Nothing differs but times and ids').waitFor()
})

test('a text from right to left shows its beginning and leaves the date beside it in order', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const goal = 'ما هي القيمة التجارية لوكيل يكتب مقالات طويلة (2024)؟ '.repeat(6).trim()
  await server.addRun({ runId: 'arabic', nodes: 6, goal })
  const page = await pages.open(`${server.url}/?kind=runs`)
  await page.locator('a[data-row]').waitFor()
  await assertBeginsInSight(page, 'a[data-row]')
  await page.locator('a[data-row]').click()
  await page.locator('h1').waitFor()
  await assertBeginsInSight(page, 'h1')
  await page.getByRole('link', { name: /^Events/ }).click()
  await page.getByRole('button', { name: /^run_started/ }).click()
  await page.getByText('1 event', { exact: true }).waitFor()
  await assertBeginsInSight(page, '[role=cell]:last-child', 'Run started · report · \u2068'.length)
  await page.goto(`${server.url}/compare?left=arabic`)
  const picker = page.getByRole('combobox', { name: 'First run' })
  await waitFor('the goal', async () => /\u2068.*\u2069 · \d+ Nov/.test(await picker.inputValue()))
})

test('a replay is begun, watched and stopped from the run', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'again', nodes: 20 })
  const page = await pages.open(`${server.url}/runs/again?tab=events`)
  await page.getByRole('button', { name: 'Replay to all clients' }).click()
  await page.getByRole('menuitem', { name: 'As it was' }).click()
  await page.getByText('Replaying').waitFor()
  await page.getByRole('button', { name: 'Stop the replay' }).click()
  await page.getByText('Replay stopped').waitFor()
  await page.getByRole('button', { name: 'Close the replay' }).click()
  const before = await page.getByText(/^\d+ events$/).innerText()
  await page.getByRole('button', { name: 'Replay to all clients' }).click()
  await page.getByRole('menuitem', { name: 'Without pauses' }).click()
  await page.getByText('Replayed').waitFor()
  assert.equal(await page.getByText(/^\d+ events$/).innerText(), before)
})

test('the server view shows Redis with its lag, the database, clients and refused input', async (t) => {
  const pages = browser.pages(t)
  const redis = await redisStream(t)
  const server = await pageServer(t, { REDIS_URL: redis.url })
  await server.publish(['{"event_type":5}'])
  const page = await pages.open(`${server.url}/server`)
  await page.getByText('All is well').waitFor()
  await page.getByText('Connected', { exact: true }).first().waitFor()
  await page.getByText('0 entries').waitFor()
  await page.getByText('event_type must be a non-empty string').click()
  await page.getByText(/From http/).waitFor()
})

test('the demo is played from the empty page', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const page = await pages.open(server.url)
  await page.getByRole('button', { name: 'Play the demo' }).click()
  await page.getByRole('cell', { name: 'Running' }).waitFor()
})

test('the page is used by keyboard: palette, help, tabs and rows', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'keys', nodes: 12, goal: 'Reached by keyboard' })
  const page = await pages.open(server.url)
  await page.locator('a[data-row]').waitFor()
  await page.keyboard.press('Shift+?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to run, node or command').last().fill('reached')
  await page.getByText('Reached by keyboard').last().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/runs\/keys/)
  await page.getByRole('slider').waitFor()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  for (const [key, tab] of [
    ['2', 'graph'],
    ['3', 'timeline'],
    ['4', 'events'],
  ] as const) {
    await page.keyboard.press(key)
    await page.waitForURL(new RegExp(`tab=${tab}`))
  }
  await page.getByRole('table', { name: 'Events' }).focus()
  await page.keyboard.press('ArrowDown')
  await page.waitForURL(/event=/)
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to run, node or command').last().fill('write the conclusion')
  await page
    .getByText(/Write the conclusion/)
    .last()
    .waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/node=/)
})

test('a palette that is asked for before it is loaded opens with everything in it', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'early', nodes: 4, goal: 'Found at once' })
  const page = await pages.open('about:blank')
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(/\/assets\/palette-(?!store)[^/]*\.js$/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto(server.url, { waitUntil: 'commit' })
  await page.locator('a[data-row]').waitFor()
  await page.keyboard.press('Control+k')
  release()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Compare two runs').waitFor()
  await dialog.getByText('Found at once').waitFor()
})

test('the palette opens from a text field, and Enter before its answer opens what is found', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'sought', nodes: 2, goal: 'Sought by name' })
  // More than the palette lists before it is asked for anything.
  for (let no = 0; no < 9; no++) await server.addRun({ runId: `other-${no}`, nodes: 2, goal: 'Another goal' })
  const page = await pages.open(server.url)
  await page.locator('a[data-row]').first().waitFor()
  let asked = (): void => undefined
  const question = new Promise<void>((resolve) => {
    asked = resolve
  })
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(/\/api\/runs\?.*text=sought/, async (route) => {
    asked()
    await held
    await route.continue()
  })
  await page.getByPlaceholder('Search goal or id').focus()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to run, node or command').last().fill('sought')
  await page.keyboard.press('Enter')
  await question
  release()
  await page.waitForURL(/runs\/sought/)
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

test('graph and timeline are moved and zoomed by keyboard, and a click leaves the arrows to the time slider', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'moved', nodes: 20 })
  const page = await pages.open(`${server.url}/runs/moved?tab=graph`)
  await page.locator('.react-flow__node').first().waitFor()
  const graph = page.getByRole('group', { name: 'Graph of tasks' })
  /** Place and zoom, in hundredths. */
  const viewport = async (): Promise<number[]> => {
    const style = await page.locator('.react-flow__viewport').getAttribute('style')
    return (style?.match(/-?[\d.]+(?=px|\))/g) ?? []).map((number) => Math.round(Number(number) * 100))
  }
  await page.keyboard.press('Tab')
  await graph.focus()
  const whole = (await viewport()) as [number, number, number]
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  assert.deepEqual(await viewport(), [whole[0] - 6_000, whole[1] - 6_000, whole[2]])
  await page.keyboard.press('+')
  await waitFor('a closer view', async () => Number((await viewport())[2]) > whole[2])
  await page.keyboard.press('0')
  await waitFor('the whole graph', async () => (await viewport()).join() === whole.join())
  assert.ok(!page.url().includes('at='))
  await graph.click({ position: { x: 400, y: 20 } })
  await page.keyboard.press('ArrowLeft')
  await page.waitForURL(/at=/)
  assert.deepEqual(await viewport(), whole)

  await page.keyboard.press('3')
  const timeline = page.getByRole('table', { name: 'Timeline' })
  await timeline.focus()
  const axis = timeline.getByRole('columnheader', { name: 'Time since the beginning' })
  const wide = await axis.innerText()
  await page.keyboard.press('+')
  await waitFor('a closer axis', async () => (await axis.innerText()) !== wide)
  const close = await axis.innerText()
  await page.keyboard.press('Shift+ArrowRight')
  await waitFor('a later window', async () => (await axis.innerText()) !== close)
  await page.keyboard.press('0')
  await waitFor('the whole axis', async () => (await axis.innerText()) === wide)
})

/** The letter at which a text begins lies within its element, which cuts off what does not fit. */
async function assertBeginsInSight(page: Page, selector: string, at = 0): Promise<void> {
  const [letter, element] = await page.evaluate<[Edges, Edges]>(
    `(() => {
      const element = document.querySelector(${JSON.stringify(selector)})
      const first = document.createRange()
      first.setStart(element.firstChild, ${at})
      first.setEnd(element.firstChild, ${at + 1})
      return [first, element].map((item) => {
        const { left, right, top, bottom } = item.getBoundingClientRect()
        return { left, right, top, bottom }
      })
    })()`,
  )
  assert.ok(letter.left >= element.left && letter.right <= element.right + 1, selector)
  assert.ok(letter.bottom > element.top && letter.top < element.bottom, selector)
}

interface Edges {
  left: number
  right: number
  top: number
  bottom: number
}
