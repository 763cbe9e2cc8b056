/** Debian's Firefox, driven over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/), which it speaks by itself. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { waitFor } from '../../support/wait-for.ts'

export interface FirefoxPage {
  goto(url: string): Promise<void>
  /** The value of a JavaScript expression that is text, a number or a boolean; promises are awaited. */
  evaluate(expression: string): Promise<unknown>
  /** Resolves when the page shows this text. */
  shows(text: string): Promise<void>
  /** What was logged as an error. */
  errors: string[]
}

interface Answer {
  id?: number
  error?: string
  message?: string
  result?: Record<string, unknown>
  method?: string
  params?: { level?: string; text?: string | null }
}

export async function openFirefox(test: { after(fn: () => unknown): void }): Promise<FirefoxPage> {
  let stop = async (): Promise<void> => undefined
  const profile = temporaryFolder(test, () => stop())
  const browser = spawn(
    'firefox-esr',
    ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
    {
      env: { ...process.env, HOME: profile, MOZ_DISABLE_AUTO_SAFE_MODE: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  stop = async () => {
    if (browser.exitCode !== null || browser.signalCode !== null) return
    browser.kill('SIGKILL')
    await once(browser, 'exit')
  }
  const socket = new WebSocket(`${await endpointOf(browser)}/session`)
  await once(socket, 'open')
  const page = await connected(socket)
  return page
}

// internal

async function connected(socket: WebSocket): Promise<FirefoxPage> {
  const errors: string[] = []
  const waiting = new Map<number, (answer: Answer) => void>()
  socket.on('message', (data) => {
    const answer: Answer = JSON.parse(String(data))
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
    else if (answer.method === 'log.entryAdded' && answer.params?.level === 'error')
      errors.push(answer.params.text ?? '')
  })

  async function call(method: string, params: object): Promise<Record<string, unknown>> {
    const id = waiting.size + 1
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve))
    socket.send(JSON.stringify({ id, method, params }))
    const answer = await answered
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error} ${answer.message}`)
    return answer.result ?? {}
  }

  await call('session.new', { capabilities: {} })
  await call('session.subscribe', { events: ['log.entryAdded'] })
  const { contexts } = (await call('browsingContext.getTree', {})) as { contexts: { context: string }[] }
  const context = contexts[0]?.context

  async function evaluate(expression: string): Promise<unknown> {
    const answer = await call('script.evaluate', { expression, target: { context }, awaitPromise: true })
    return (answer.result as { value?: unknown } | undefined)?.value
  }

  return {
    errors,
    evaluate,
    async goto(url) {
      await call('browsingContext.navigate', { context, url, wait: 'complete' })
    },
    async shows(text) {
      await waitFor(
        `the text ${text}`,
        () => evaluate(`document.body.innerText.includes(${JSON.stringify(text)})`),
        30_000,
      )
    },
  }
}

/** Firefox says on its standard error where it listens. */
async function endpointOf(browser: ChildProcess): Promise<string> {
  if (browser.stderr === null) throw new Error('Firefox has no standard error')
  for await (const line of createInterface({ input: browser.stderr })) {
    const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(line)?.[1]
    if (found !== undefined) return found
  }
  throw new Error('Firefox ended before it listened')
}
