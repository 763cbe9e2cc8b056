/** The executable, copied alone to an empty folder, is used there from the first start on with its page open in a browser. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { testBrowser } from '../page/support/browser.ts'
import { startFakeModelServer } from '../support/fake-model-server.ts'
import { programCommand, runProgram } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { fakeEnvironment } from '../support/test-gateway.ts'

const [executable] = programCommand()
const options = {
  skip: basename(executable) !== 'ao-server' && 'this is about the executable',
  timeout: 120_000,
}
const AGENT = join(import.meta.dirname, '..', 'fixtures', 'agents', 'urllib_agent.py')
const browser = testBrowser(after)

test(
  'alone in a folder it records a program and plays the demo, and the page shows both',
  options,
  async (t) => {
    const pages = browser.pages(t)
    const fake = await startFakeModelServer(t)
    const folder = temporaryFolder(t)
    const alone = join(folder, 'alone')
    mkdirSync(alone)
    copyFileSync(executable, join(alone, 'ao-server'))
    const run = async (...words: string[]): Promise<string> => {
      const env = { ...fakeEnvironment(fake.url), SQLITE_DB_PATH: undefined }
      const finished = await runProgram(words, { folder, cwd: alone, env, command: ['./ao-server'] })
      assert.equal(finished.code, 0, finished.stderr)
      return finished.stdout
    }
    const { url } = JSON.parse(await run('start', '--json'))
    try {
      const page = await pages.open(url)
      await page.getByText('Nothing was recorded yet').waitFor()

      await run('record', '--run-name', 'Recorded alone', 'python3', AGENT, 'chat', 'whole')
      await page.getByRole('link', { name: 'Recorded alone' }).click()
      await page
        .getByRole('button', { name: /fake-1/ })
        .nth(2)
        .waitFor()

      await page.goto(url)
      await run('demo', '--speed', '10')
      await page.locator('a[data-row]').first().click()
      await page.getByRole('link', { name: /^Graph/ }).click()
      await page.locator('.react-flow__node').nth(2).waitFor()
    } finally {
      await run('stop')
    }
    // Beside it are the default place of the events, and what the program itself wrote.
    assert.deepEqual(readdirSync(alone).sort(), ['ao-server', 'result.json', 'runs'])
  },
)
