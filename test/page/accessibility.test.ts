import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding {
  id: string
  impact: string
  nodes: { target: string[]; failureSummary: string }[]
}

/** What shows a size by its own; each opens from a list or panel as well. */
const SIZED = ['.react-flow', '[role=table][aria-label=Timeline]']

/** Findings that axe calls serious or critical, a view without a main heading, and what is too small to be hit. */
async function findingsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const all = await violationsOf(page)
  const small = await violationsOf(page, { exclude: SIZED, rules: ['target-size'] })
  return [...all, ...small]
    .filter(
      ({ id, impact }) => impact === 'serious' || impact === 'critical' || id === 'page-has-heading-one',
    )
    .flatMap(({ id, nodes }) =>
      nodes
        .slice(0, 3)
        .map(
          (node) =>
            `${id}: ${node.target.join(' ')} ${node.failureSummary.replace(/\s+/g, ' ').slice(0, 220)}`,
        ),
    )
}

/** What axe finds outside of `exclude`, by its usual rules or by those that are named. */
async function violationsOf(
  page: Page,
  { exclude = [], rules }: { exclude?: string[]; rules?: string[] } = {},
): Promise<Finding[]> {
  const context = JSON.stringify({ include: ['html'], exclude })
  const options = JSON.stringify({ resultTypes: ['violations'], runOnly: rules })
  const { violations } = await page.evaluate<{ violations: Finding[] }>(`axe.run(${context}, ${options})`)
  return violations
}

/** A run that began an hour ago and has said nothing since. */
function quietRun(run_id: string): string {
  const timestamp = new Date(Date.now() - 3_600_000).toISOString()
  return JSON.stringify({ event_type: 'run_started', run_id, timestamp, payload: { input_data: {} } })
}

for (const theme of ['dark', 'light'] as const)
  test(`no view has a serious finding in the ${theme} theme`, async (t) => {
    const pages = browser.pages(t)
    const server = await pageServer(t)
    await server.addRun({ runId: 'one', nodes: 20, seed: 5 })
    await server.addRun({ runId: 'two', nodes: 20, seed: 6, fails: true })
    await server.publish(['{"event_type":5}', quietRun('quiet'), quietRun('quieter')])
    await promisify(execFile)(process.execPath, [
      join(import.meta.dirname, 'support', 'chained-runner.ts'),
      String(server.runnerPort),
    ])
    const { experiments } = await server.get<{ experiments: { session_id: string }[] }>('/api/experiments')
    const session = experiments[0]?.session_id
    const { nodes } = await server.get<{ nodes: { id: string }[] }>(`/api/experiments/${session}/graph`)
    // A sign that it is there, and keys that open what is looked at.
    const views: [string, string, string?][] = [
      ['/', 'a[data-row]'],
      ['/runs/two', '.cm-content'],
      ['/runs/one?tab=graph&node=one-n2', '.react-flow__node'],
      ['/runs/one?tab=timeline', '[role=row]'],
      ['/runs/one?tab=events', '[role=row]'],
      ['/runs/one?tab=events&event=5', '.cm-content'],
      ['/compare?left=one&right=two', '[role=row]'],
      ['/compare?left=one&right=two&node=one-n2', '.cm-changedText'],
      ['/server', 'section'],
      ['/', '[role=dialog] [data-action]', 'Control+k'],
      ['/', '[role=dialog] section', 'Shift+?'],
      [`/experiments/${session}`, '.react-flow__node'],
      [`/experiments/${session}?call=${nodes[1]?.id}`, '.cm-content'],
    ]
    const page = await pages.open(server.url, { theme })
    const found: string[] = []
    for (const id of ['quiet', 'quieter'])
      await page.getByRole('checkbox', { name: `Pick ${id} to compare` }).check()
    for (const finding of await findingsOf(page)) found.push(`picked ${finding}`)
    for (const [path, sign, keys] of views) {
      await page.goto(server.url + path)
      if (keys !== undefined) {
        await page.locator('a[data-row]').first().waitFor()
        await page.keyboard.press(keys)
      }
      await page.locator(sign).first().waitFor()
      for (const finding of await findingsOf(page)) found.push(`${path} ${finding}`)
    }
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete the experiment' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).waitFor()
    for (const finding of await findingsOf(page)) found.push(`question ${finding}`)
    const guarded = await pageServer(t, { AO_TOKEN: 'open-sesame-0123456789' })
    const gate = await pages.open(guarded.url, { theme, allow: /401|WebSocket/ })
    await gate.getByRole('textbox', { name: 'Token' }).waitFor()
    for (const finding of await findingsOf(gate)) found.push(`token ${finding}`)
    assert.deepEqual(found, [])
  })
