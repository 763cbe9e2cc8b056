/** Takes the three pictures of the README, `ui/screenshots/*.png`, from the real page with invented runs. */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { testBrowser } from '../test/page/support/browser.ts'
import { type PageServer, pageServer } from '../test/page/support/page-server.ts'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDER = join(ROOT, 'ui', 'screenshots')
const RUNNER = join(ROOT, 'test', 'page', 'support', 'chained-runner.ts')

const ends: (() => unknown)[] = []
try {
  await takePictures()
} finally {
  for (const end of ends.reverse()) await end()
}

async function takePictures(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const pages = testBrowser((fn) => void ends.push(fn)).pages({ after: () => undefined })
  const server = await pageServer({ after: (fn) => void ends.push(fn) })
  await fill(server)
  const size = { width: 1440, height: 900 }
  const dark = await pages.open(`${server.url}/runs/report?tab=graph&at=130&node=report-n4`, {
    ...size,
    theme: 'dark',
  })
  await dark.locator('.react-flow__node').first().waitFor()
  await shoot(dark, 'graph')
  await dark.goto(`${server.url}/runs/report?tab=timeline`)
  await dark.getByText('LLM call').first().waitFor()
  await shoot(dark, 'timeline')
  const light = await pages.open(await experimentAddress(server), { ...size, theme: 'light' })
  await light.locator('.cm-content').first().waitFor()
  await shoot(light, 'experiment')
}

// internal

async function fill(server: PageServer): Promise<void> {
  await server.addRun({ runId: 'report', nodes: 16, seed: 5 })
  await promisify(execFile)(process.execPath, [RUNNER, String(server.runnerPort)], {
    env: { ...process.env, SHOWN_FOLDER: '/home/me/agent', SHOWN_COMMAND: 'python3 chain.py' },
  })
}

async function experimentAddress(server: PageServer): Promise<string> {
  const { experiments } = await server.get<{ experiments: { session_id: string }[] }>('/api/experiments')
  const id = experiments[0]?.session_id
  const { nodes } = await server.get<{ nodes: { id: string }[] }>(`/api/experiments/${id}/graph`)
  return `${server.url}/experiments/${id}?call=${nodes[1]?.id}&view=input`
}

/** Lays out and fades are over when two pictures in a row are the same. */
async function shoot(page: Page, name: string): Promise<void> {
  let before: Buffer = Buffer.alloc(0)
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const now = await page.screenshot({ animations: 'disabled' })
    if (now.equals(before)) break
    before = now
    await page.waitForTimeout(400)
  }
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' })
}
