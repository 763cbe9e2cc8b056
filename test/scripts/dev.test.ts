import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { programEnvironment } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const script = join(import.meta.dirname, '../../scripts/dev.ts')

test('npm run dev serves page and API at one address, and ends both gracefully', async (t) => {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const child = spawn(process.execPath, [script, '--port', String(port)], {
    env: { ...programEnvironment(folder), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => void child.kill('SIGTERM'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const url = await waitFor('the page', () => /Local:\s+(http:\S+)/.exec(output)?.[1], 30_000)
  const records = join(folder, 'ao', 'servers')
  await waitFor('the server', () => existsSync(records) && readdirSync(records).length === 1, 30_000)
  const { version } = (await (await fetch(new URL('/api/health', url))).json()) as { version: string }
  assert.match(version, /^\d+\.\d+\.\d+$/)
  assert.match(await (await fetch(url)).text(), /@vite\/client/)

  child.kill('SIGINT')
  await once(child, 'exit')
  // A server that was ended by force leaves its record behind.
  assert.deepEqual(readdirSync(records), [])
  await assert.rejects(fetch(url))
  await assert.rejects(fetch(`http://127.0.0.1:${port}/livez`))
})
