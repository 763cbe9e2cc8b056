/**
 * The story of a recorded program, for real programs: record three chained calls, edit the second's answer, run again; edit the first's
 * input, run again. The fake model server says what was really called.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fakeReply } from '../support/fake-model-server.ts'
import { startRecordedPrograms } from '../support/recorded-program.ts'

const AGENTS = join(import.meta.dirname, '..', 'fixtures', 'agents')
const NODE = process.execPath

const PROGRAMS: [name: string, words: string[], apis: string[]][] = [
  ['Python with urllib', ['python3', join(AGENTS, 'urllib_agent.py')], ['chat', 'gemini']],
  ['Node with fetch', [NODE, join(AGENTS, 'fetch-agent.mjs')], ['chat', 'responses', 'messages']],
  ['the openai package', [NODE, join(AGENTS, 'openai-agent.mjs')], ['chat', 'responses']],
  ['the @anthropic-ai/sdk package', [NODE, join(AGENTS, 'anthropic-agent.mjs')], ['messages']],
]

const programs = await startRecordedPrograms({ after })

for (const [name, words, apis] of PROGRAMS) {
  for (const api of apis) {
    for (const mode of ['whole', 'stream']) {
      test(`${name}: ${api}, ${mode}`, () => tellStory([...words, api, mode]))
    }
  }
}

async function tellStory(words: string[]): Promise<void> {
  const { record, nodes, edges, edit, rerun, result } = programs
  const runName = words.slice(-3).join(' ')
  const { session_id, status, name } = await record(['--run-name', runName, ...words])
  assert.deepEqual({ status, name }, { status: 'finished', name: runName })
  const first = fakeReply('Name a thing.')
  const second = fakeReply(`Describe it: ${first}`)
  const third = fakeReply(`Shorten this: ${second}`)
  assert.deepEqual(result(), {
    texts: [first, second, third],
    prompts: ['Name a thing.', `Describe it: ${first}`, `Shorten this: ${second}`],
  })
  const [one, two, three] = await nodes(session_id)
  assert.ok(one && two && three)
  assert.deepEqual(
    (await edges(session_id)).map(({ source, target }) => [source, target]),
    [
      [one.id, two.id],
      [two.id, three.id],
    ],
  )

  await edit(session_id, {
    node_id: two.id,
    field: 'output',
    value: two.output.replaceAll(second, 'Otters collect smooth pebbles.'),
  })
  await rerun(session_id)
  const changed = 'Shorten this: Otters collect smooth pebbles.'
  assert.deepEqual(result(), {
    texts: [first, 'Otters collect smooth pebbles.', fakeReply(changed)],
    prompts: [changed],
  })
  assert.deepEqual(
    (await nodes(session_id)).map(({ cached, edited }) => [cached, edited]),
    [
      [true, []],
      [true, ['output']],
      [false, []],
    ],
  )

  await edit(session_id, {
    node_id: one.id,
    field: 'input',
    value: one.input.replaceAll('Name a thing.', 'Name an animal.'),
  })
  await rerun(session_id)
  const animal = fakeReply('Name an animal.')
  const described = fakeReply(`Describe it: ${animal}`)
  assert.deepEqual(result(), {
    texts: [animal, described, fakeReply(`Shorten this: ${described}`)],
    prompts: ['Name an animal.', `Describe it: ${animal}`, `Shorten this: ${described}`],
  })
  await rerun(session_id)
  assert.deepEqual(result().prompts, [])
}
