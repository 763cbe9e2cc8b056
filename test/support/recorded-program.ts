/** Real programs under `ao-record`, and what a person does with them through REST. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runningServers } from '../../src/daemon/record.ts'
import type { ExperimentPage, ExperimentSummary } from '../../src/wire/experiment-api.ts'
import { type FakeModelServer, startFakeModelServer } from './fake-model-server.ts'
import { createTemporaryProgram, type TemporaryProgram } from './temporary-program.ts'
import { fakeEnvironment } from './test-gateway.ts'
import { waitFor } from './wait-for.ts'

export interface RecordedNode {
  id: string
  input: string
  output: string
  cached: boolean
  edited: string[]
  [field: string]: unknown
}

export interface RecordedPrograms {
  program: TemporaryProgram
  fake: FakeModelServer
  url: string
  /** Runs `ao-record` with these words to its end, and gives the experiment. */
  record(words: string[]): Promise<ExperimentSummary>
  experiments(): Promise<ExperimentSummary[]>
  nodes(sessionId: string): Promise<RecordedNode[]>
  edges(sessionId: string): Promise<{ source: string; target: string }[]>
  edit(sessionId: string, edit: { node_id: string; field: 'input' | 'output'; value: string }): Promise<void>
  /** Starts the recorded program again and waits until it has ended. */
  rerun(sessionId: string): Promise<void>
  /** What the program wrote as its result, and the prompts that reached the model since the last time. */
  result(): { texts: string[]; prompts: string[] }
}

/** Starts a server and a fake model server; both end with the test. */
export async function startRecordedPrograms(test: {
  after(fn: () => unknown): void
}): Promise<RecordedPrograms> {
  const fake = await startFakeModelServer(test)
  const program = createTemporaryProgram(test, fakeEnvironment(fake.url))
  program.spawn(['start', '--foreground'])
  const { url } = await waitFor('the server', () => runningServers(program.home)[0], 60_000)

  async function api<T>(path: string, body?: object): Promise<T> {
    const init = body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }
    const response = await fetch(`${url}/api/experiments${path}`, init)
    const text = await response.text()
    assert.ok(response.ok, `${path}: ${text}`)
    return JSON.parse(text) as T
  }
  const experiments = async () => (await api<ExperimentPage>('')).experiments
  const graph = (sessionId: string) =>
    api<{ nodes: RecordedNode[]; edges: { source: string; target: string }[] }>(`/${sessionId}/graph`)

  return {
    program,
    fake,
    url,
    experiments,
    async record(words) {
      const { code, stderr } = await program.run(['record', ...words])
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      const [newest] = await experiments()
      assert.ok(newest)
      return newest
    },
    nodes: async (sessionId) => (await graph(sessionId)).nodes,
    edges: async (sessionId) => (await graph(sessionId)).edges,
    async edit(sessionId, edit) {
      await api(`/${sessionId}/edits`, edit)
    },
    async rerun(sessionId) {
      await api(`/${sessionId}/rerun`, {})
      await waitFor(
        'the end of the rerun',
        async () => {
          const found = (await experiments()).find((experiment) => experiment.session_id === sessionId)
          return found?.status === 'finished'
        },
        60_000,
      )
    },
    result: () => ({
      texts: JSON.parse(readFileSync(join(program.folder, 'result.json'), 'utf8')) as string[],
      prompts: fake.takePrompts(),
    }),
  }
}
