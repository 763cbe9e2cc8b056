import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { lineClient } from '../support/line-client.ts'
import { waitFor } from '../support/wait-for.ts'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)

const EVIL = [
  '# Title <script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 2"><svg onload="window.hacked = 3"></svg>',
  '[click](javascript:window.hacked=4) ![image](https://example.org/track.png)',
  '<iframe srcdoc="<script>parent.hacked=5</script>"></iframe>',
  '[data](data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGFja2VkPTY8L3NjcmlwdD4=)',
  `**${'w'.repeat(3_000)}**`,
].join('\n\n')

function hostileEvents(runId = 'evil', evil = EVIL): string[] {
  const payloads: [string, Record<string, unknown>][] = [
    [
      'run_started',
      {
        input_data: { data: [{ prompt: evil }] },
        config: { __proto__: evil, constructor: evil },
        run_mode: evil,
      },
    ],
    ['node_created', { node_id: 'n', node_nid: '<b>1</b>', task_goal: evil, task_type: evil, layer: 0 }],
    [
      'node_created',
      { node_id: '__proto__', node_nid: '1.1', task_goal: evil, outer_node_id: 'n', layer: 1 },
    ],
    ['plan_received', { node_id: 'n', raw_plan: [{ id: evil, goal: evil, dependency: [evil] }, evil] }],
    [
      'llm_call_started',
      { node_id: 'n', call_id: 'c', model: evil, prompt: [{ role: evil, content: evil }], step: 1 },
    ],
    ['llm_call_completed', { node_id: 'n', call_id: 'c', response: evil, error: evil, step: 1 }],
    ['tool_invoked', { node_id: 'n', tool_call_id: 't', tool_name: evil, args_summary: evil }],
    ['node_result_available', { node_id: 'n', result: evil }],
    [evil.slice(0, 200), { anything: evil }],
    ['run_error', { error_type: evil, error_message: evil, stack_trace: evil }],
  ]
  return payloads.map(([event_type, payload], index) =>
    JSON.stringify({
      event_id: `${runId}-e${index}`,
      run_id: runId,
      timestamp: '2026-01-01T00:00:00Z',
      event_type,
      payload,
    }),
  )
}

test('content of events is inert in every view', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.publish(hostileEvents())
  await server.publish([`{"event_type":7,"text":${JSON.stringify(EVIL)}}`])
  const page = await pages.open(server.url)
  const asked = requestsOf(page)
  await page.locator('a[data-row]').waitFor()
  for (const tab of ['overview', 'graph', 'timeline', 'events']) {
    await page.goto(`${server.url}/runs/evil?tab=${tab}&node=n`)
    const panel = page.getByRole('complementary', { name: 'Node' })
    await panel.getByText('Title').first().waitFor()
    const folded = panel.locator('button[aria-expanded=false]')
    while ((await folded.count()) > 0) await folded.first().click()
    await panel.getByText('Image: image').first().waitFor()
    await assertTame(page, tab)
  }
  for (let event = 1; event <= 10; event += 1) {
    await page.goto(`${server.url}/runs/evil?tab=events&event=${event}`)
    await page.getByLabel('Event as JSON').waitFor()
  }
  await page.goto(`${server.url}/server`)
  await page.getByText('event_type must be').click()
  await assertInert(page, server.url, asked)
})

test('content of events is inert where two runs are compared', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.publish(hostileEvents('left'))
  await server.publish(hostileEvents('right', `${EVIL} and more`))
  const page = await pages.open(`${server.url}/compare?left=left&right=right`)
  const asked = requestsOf(page)
  await page.getByText('They part here').waitFor()
  await assertTame(page, 'compare')
  const nodes = page.getByRole('table', { name: 'Nodes of both runs' }).getByRole('button')
  assert.equal(await nodes.count(), 2)
  for (let index = 0; index < 2; index += 1) {
    await nodes.nth(index).click()
    const panel = page.getByRole('complementary', { name: 'Differences of the node' })
    await panel.getByText('Goal differs').waitFor()
    await panel.locator('.cm-content').first().waitFor()
    await assertTame(page, `node ${index}`)
  }
  await page.getByRole('combobox', { name: 'First run' }).click()
  await page.getByRole('option').first().waitFor()
  await assertTame(page, 'the list of runs')
  await assertInert(page, server.url, asked)
})

test('content of recorded programs is inert in the experiment view', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const calls = await recordHostile(t, server.runnerPort)
  // These calls are not in the cache.
  const page = await pages.open(server.url, { allow: /404/ })
  const asked = requestsOf(page)
  await page.locator('a[data-row]').first().click()
  await page.waitForURL(/experiments/)
  const boxes = page.locator('.react-flow__node button')
  await waitFor('the calls', async () => (await boxes.count()) === calls)
  await assertTame(page, 'the graph')
  for (let index = 0; index < calls; index += 1) {
    await page.getByRole('button', { name: 'Show the whole graph' }).click()
    await boxes.nth(index).click()
    const panel = page.getByRole('complementary', { name: 'LLM call' })
    for (const view of ['Input', 'Output', 'Before and after', 'Cache']) {
      await panel.getByText(view, { exact: true }).click()
      await assertTame(page, `${view} of call ${index}`)
    }
    const files = panel.getByRole('group', { name: 'Attachments' }).getByRole('button')
    // All calls have the same files.
    for (const file of index === 0 ? await files.all() : []) {
      await file.click()
      const opened = page.getByRole('dialog')
      await opened.locator('.cm-content, img').first().waitFor()
      await assertTame(page, 'an attachment')
      await page.keyboard.press('Escape')
      await opened.waitFor({ state: 'detached' })
    }
  }
  await assertInert(page, server.url, asked)
})

test('a strict policy is sent with the page', async (t) => {
  const server = await pageServer(t)
  const policy = (await fetch(server.url)).headers.get('content-security-policy') ?? ''
  for (const rule of ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
    assert.ok(policy.includes(rule), rule)
  assert.ok(!/script-src[^;]*unsafe/.test(policy))
})

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** An experiment whose every text is hostile; says how many calls it has. */
async function recordHostile(t: Parameters<typeof lineClient>[0], port: number): Promise<number> {
  const runner = await lineClient(t, port, {
    type: 'hello',
    role: 'agent-runner',
    name: EVIL,
    cwd: EVIL,
    command: EVIL,
    environment: {},
    process_id: process.pid,
    prev_session_id: null,
    module_to_file: {},
  })
  const { session_id } = await runner.next('session_id')
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=7"/>').toString(
    'base64',
  )
  const texts = [
    JSON.stringify({ to_show: EVIL }),
    `{"to_show":{"__proto__":${JSON.stringify(EVIL)},"constructor":null}}`,
    `${EVIL} ${'long '.repeat(60_000)}`,
    '{"to_show"',
  ]
  texts.forEach((text, index) => {
    runner.send({
      type: 'add_node',
      session_id,
      node: {
        id: ['__proto__', '<b>id</b>', 'constructor', EVIL.slice(0, 60)][index],
        input: text,
        output: text,
        border_color: 'red;background:url(https://example.org/x)',
        label: EVIL,
        codeLocation: EVIL,
        model: EVIL,
        attachments: [
          [EVIL, Buffer.from(EVIL).toString('base64')],
          ['a.svg', svg],
          ['b.svg', `data:image/svg+xml;base64,${svg}`],
          ['c.png', `${PIXEL}" onerror="window.hacked=8`],
          ['d.png', PIXEL],
          ['e', 'javascript:window.hacked=9'],
          'https://example.org/f.png',
        ],
      },
      incoming_edges: index === 0 ? [] : ['__proto__', 'nowhere'],
    })
  })
  return texts.length
}

function requestsOf(page: Page): string[] {
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  return asked
}

/** Nothing on the page could run or fetch something, and it fits its window. */
async function assertTame(page: Page, where: string): Promise<void> {
  const risky = page.locator(
    'iframe, object, embed, a[href^="javascript:"], a[href^="data:"], img[src]:not([src^="data:image/png;base64,"]), img[onerror]',
  )
  assert.equal(await risky.count(), 0, where)
  assert.equal(
    await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
    true,
    `${where} is too wide`,
  )
}

async function assertInert(page: Page, url: string, asked: readonly string[]): Promise<void> {
  assert.equal(await page.evaluate('"hacked" in window'), false)
  assert.equal(await page.evaluate('({}).constructor === Object && Object.keys(Object.prototype).length'), 0)
  assert.deepEqual(
    asked.filter((address) => !address.startsWith(url) && !address.startsWith('data:image/png;base64,')),
    [],
  )
}
