/** A headless browser for tests of the page, and what they all check: no error in its console, nothing refused by the policy. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  firefox,
  type Page,
} from 'playwright-core'
import { ensurePage } from './built-page.ts'

export interface PageOptions {
  theme?: 'dark' | 'light'
  width?: number
  height?: number
  /** Errors that the test brings about itself. */
  allow?: RegExp
}

export interface TestBrowser {
  /**
   * The pages of one test. They are closed, and their consoles checked, when it ends; call this before starting servers,
   * because what was set up first is also ended first.
   */
  pages(test: { after(fn: () => unknown): void }): TestPages
}

export interface TestPages {
  /** Opens an address in a browser profile of its own. */
  open(url: string, options?: PageOptions): Promise<Page>
}

const CHROMIUM = '/usr/bin/chromium'
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** One browser for all tests of a file; it ends with them. */
export function testBrowser(
  after: (fn: () => unknown) => void,
  name: 'chromium' | 'firefox' = 'chromium',
): TestBrowser {
  let started: Promise<Browser> | undefined
  after(async () => (await started)?.close())
  return {
    pages(test) {
      const opened: { context: BrowserContext; faults: () => string[] }[] = []
      test.after(async () => {
        for (const { context } of opened) await context.close()
      })
      // Comes after the ends of servers that are started in between: what fails here must not keep them from ending.
      const check = (): void =>
        assert.deepEqual(
          opened.flatMap(({ faults }) => faults()),
          [],
        )
      return {
        async open(url, options = {}) {
          started ??= launch(name)
          const context = await (await started).newContext(contextOptions(options))
          const page = await context.newPage()
          if (opened.length === 0) test.after(check)
          opened.push({ context, faults: collectFaults(page, options.allow) })
          page.setDefaultTimeout(15_000)
          await page.goto(url)
          return page
        },
      }
    },
  }
}

// internal

function contextOptions({ theme = 'dark', width = 1280, height = 800 }: PageOptions): BrowserContextOptions {
  return {
    viewport: { width, height },
    colorScheme: theme,
    timezoneId: 'Europe/Berlin',
    // A headless browser paints every frame of an animation by itself.
    reducedMotion: 'reduce',
  }
}

function collectFaults(page: Page, allow: RegExp | undefined): () => string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${message.text()} ${message.location().url}`)
  })
  return () => faults.filter((fault) => allow === undefined || !allow.test(fault))
}

async function launch(name: 'chromium' | 'firefox'): Promise<Browser> {
  await ensurePage()
  if (name === 'firefox') return firefox.launch({ executablePath: '/usr/bin/firefox-esr' })
  assert.ok(existsSync(CHROMIUM), `these tests need ${CHROMIUM}`)
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS })
}
