/**
 * Finds the sessions whose stored graphs have a node. Runners ask this for every call, and each question goes to a thread and back:
 * what is asked while an answer is on its way goes into the next question, together.
 */
import type { Reader } from '../store/thread.ts'

/** The sessions that have one of these nodes in the graph that is shown; rejects when the store fails. */
export type FindHolders = (nodeIds: string[]) => Promise<string[]>

interface Question {
  nodeIds: string[]
  resolve(sessionIds: string[]): void
  reject(error: unknown): void
}

export function createHolderSearch(reader: Pick<Reader, 'call'>): FindHolders {
  let waiting: Question[] = []
  let asking = false

  async function ask(): Promise<void> {
    asking = true
    while (waiting.length > 0) {
      const questions = waiting
      waiting = []
      await answer(reader, questions)
    }
    asking = false
  }

  return (nodeIds) =>
    new Promise((resolve, reject) => {
      waiting.push({ nodeIds, resolve, reject })
      if (!asking) void ask()
    })
}

// internal

async function answer(reader: Pick<Reader, 'call'>, questions: Question[]): Promise<void> {
  try {
    const nodeIds = [...new Set(questions.flatMap((question) => question.nodeIds))]
    const holders = new Map(await reader.call('holdersOfNodes', { nodeIds }))
    for (const { nodeIds: wanted, resolve } of questions)
      resolve([...new Set(wanted.flatMap((id) => holders.get(id) ?? []))])
  } catch (error) {
    for (const { reject } of questions) reject(error)
  }
}
