import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)
const RUNNER = join(import.meta.dirname, 'support', 'chained-runner.ts')
const record = (port: number, ...more: string[]): Promise<unknown> =>
  promisify(execFile)(process.execPath, [RUNNER, String(port), ...more])

/** Opens the experiment from the home list. */
async function openExperiment(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Chain of three calls' }).click()
  await page.getByRole('button', { name: /Step 3/ }).waitFor()
}

async function typeInto(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label).click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(text)
}

test('a recorded program appears by itself; a call is read, edited, rerun and compared with before', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  const page = await pages.open(server.url)
  await page.getByText('Nothing was recorded yet').waitFor()
  await record(server.runnerPort)
  await openExperiment(page)

  await page.getByRole('button', { name: /Step 2/ }).click()
  await page.waitForURL(/call=/)
  const output = page.getByLabel('Output of the call')
  await output.getByText('[Double the number of: [Name a number below ten]]').waitFor()
  assert.equal(await page.getByText('/home/me/agent/chain.py:21').count(), 1)

  await typeInto(page, 'Output of the call', '{ "content": "forty-two" }')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Edited', { exact: true }).waitFor()
  await page.getByRole('switch', { name: 'Difference' }).click()
  await page.getByText('As recorded').waitFor()

  await page.getByRole('button', { name: 'Rerun' }).click()
  await page.getByRole('button', { name: /Step 3.*forty-two/s }).waitFor()
  await page.getByRole('button', { name: /Step 3/ }).click()
  await page.getByText('Before and after').click()
  await page.getByText('Attempt 1', { exact: true }).first().waitFor()
  await page.getByText('Cache', { exact: true }).click()
  await page.getByText('input.raw.messages[0].content').waitFor()
  await page.getByRole('button', { name: 'Open it in attempt 1' }).click()
  await page.waitForURL(/attempt=1/)
  await page.getByLabel('Input of the call').getByText('Name a number below ten').waitFor()
  assert.equal(await page.getByLabel('Label of the call').inputValue(), 'Step 3')
  await page.goBack()
  await page.getByRole('button', { name: 'Open it in attempt 1' }).waitFor()

  await page.getByRole('button', { name: /Step 2/ }).click()
  await page.getByText('/home/me/agent/chain.py:21').waitFor()
  await page.getByText('Output', { exact: true }).click()
  await page.getByRole('button', { name: 'Take the edit back' }).click()
  await page.getByText('As it was recorded').waitFor()
})

test('an edit that is not valid JSON is refused with a reason and changes nothing', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await record(server.runnerPort)
  const page = await pages.open(server.url)
  await openExperiment(page)
  await page.getByRole('button', { name: /Step 1/ }).click()
  await page.getByText('Input', { exact: true }).click()
  await typeInto(page, 'Input of the call', '{ broken')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(/This is not valid JSON/).waitFor()
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.getByText('As it was recorded').waitFor()
  assert.equal(await page.getByAltText('dot.png').count(), 1)
})

test('a call that the server cannot give now says why, and one that is open stays open', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await record(server.runnerPort)
  const page = await pages.open(server.url, { allow: /status of 503/ })
  await openExperiment(page)
  const detail = 'The database is busy for a moment'
  const fail = () =>
    page.route(/\/llm-calls\/[^/]+$/, (route) => route.fulfill({ status: 503, json: { detail } }))
  await fail()
  await page.getByRole('button', { name: /Step 1/ }).click()
  await page.getByText(detail).waitFor()
  assert.equal(await page.getByText('This call is not in the cache').count(), 0)
  await page.unrouteAll()

  await page.getByRole('button', { name: /Step 2/ }).click()
  await page.getByText('As it was recorded').waitFor()
  const refused = page.waitForResponse((response) => response.status() === 503)
  await fail()
  await page.getByLabel('Label of the call').fill('Doubling')
  await page.keyboard.press('Enter')
  await refused
  await page.getByRole('button', { name: /Doubling/ }).waitFor()
  assert.equal(await page.getByText('As it was recorded').count(), 1)
})

test('a call says that it came from the cache, where its recorder does, else which earlier call is nearest', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await record(server.runnerPort, 'tells')
  const page = await pages.open(server.url)
  await openExperiment(page)
  await page.getByRole('button', { name: /Step 1/ }).click()
  await page.getByText('Cache', { exact: true }).click()
  await page.getByText('No call of this experiment was cached before this one').waitFor()
  await page.getByRole('button', { name: 'Rerun' }).click()
  await page.getByText('This answer came from the cache').waitFor()
})

test('what was typed and not saved is kept and marked, and asked about before a rerun and before it is left', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await record(server.runnerPort)
  const page = await pages.open(server.url)
  await openExperiment(page)
  const output = page.getByLabel('Output of the call')
  await page.getByRole('button', { name: /Step 2/ }).click()
  await typeInto(page, 'Output of the call', '{ "content": "forty-two" }')
  await page.getByText('Not saved yet').waitFor()
  await page.getByText('Input', { exact: true }).click()
  await page.getByText('As it was recorded').waitFor()
  await page.getByRole('button', { name: /Step 1/ }).click()
  await page.getByLabel('Input of the call').waitFor()
  await page.getByRole('button', { name: /Step 2.*draft/ }).click()
  await page.getByText('Output', { exact: true }).click()
  await output.getByText('forty-two').waitFor()

  await page.getByRole('button', { name: 'Rerun' }).click()
  const dialog = page.getByRole('dialog', { name: '1 unsaved edit' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Rerun' }).click()
  await dialog.getByRole('button', { name: 'Rerun without' }).click()
  await page.getByRole('combobox', { name: 'Attempt' }).waitFor()
  await output.getByText('forty-two').waitFor()
  assert.equal(await page.getByRole('button', { name: /Step 3.*forty-two/s }).count(), 0)
  await page.getByRole('button', { name: 'Rerun' }).click()
  await dialog.getByRole('button', { name: 'Save and rerun' }).click()
  await page.getByRole('button', { name: /Step 3.*forty-two/s }).waitFor()
  await page.getByText('Edited', { exact: true }).waitFor()
  assert.equal(await page.getByRole('button', { name: /draft/ }).count(), 0)

  await typeInto(page, 'Output of the call', '{ broken')
  await page.getByRole('button', { name: 'Rerun' }).click()
  await dialog.getByRole('button', { name: 'Save and rerun' }).click()
  await page.getByText('An edit cannot be saved').waitFor()
  const asked = page.waitForEvent('dialog')
  const reloaded = page.reload().catch(() => undefined)
  const question = await asked
  assert.equal(question.type(), 'beforeunload')
  await question.dismiss()
  await reloaded
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  const leaving = page.getByRole('dialog', { name: 'Leave 1 unsaved edit?' })
  await leaving.getByRole('button', { name: 'Stay' }).click()
  await leaving.waitFor({ state: 'detached' })
  await output.getByText('{ broken').waitFor()
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await leaving.getByRole('button', { name: 'Leave without saving' }).click()
  await output.waitFor({ state: 'detached' })
})

test('an experiment is found in the palette by its name', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await record(server.runnerPort)
  const page = await pages.open(`${server.url}/server`)
  await page.getByText('All is well').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to run, node or command').last().fill('chain of')
  await page.getByRole('dialog').getByText('Chain of three calls').click()
  await page.getByRole('button', { name: /Step 3/ }).waitFor()
})

test('name, notes, result and label are kept; erasing and deleting ask first', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await record(server.runnerPort)
  const page = await pages.open(server.url, { allow: /404/ })
  await openExperiment(page)
  await page.getByLabel('Name of the experiment').fill('A better name')
  await page.keyboard.press('Enter')
  await page.getByLabel('Notes').fill('It works.')
  await page.getByText('Satisfactory').click()
  await page.getByRole('button', { name: /Step 1/ }).click()
  await page.getByLabel('Label of the call').fill('The first')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /The first/ }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: /The first/ }).waitFor()
  assert.equal(await page.getByLabel('Name of the experiment').inputValue(), 'A better name')
  await page.getByRole('button', { name: 'Close' }).click()
  assert.equal(await page.getByLabel('Notes').inputValue(), 'It works.')

  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Erase the cache and rerun' }).click()
  await page.getByRole('button', { name: 'Erase and rerun' }).click()
  await page.getByRole('combobox', { name: 'Attempt' }).waitFor()
  await page.getByRole('button', { name: /Step 3/ }).waitFor()
  await page.getByText('Finished').waitFor()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Delete the experiment' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('Nothing was recorded yet').waitFor()
})
