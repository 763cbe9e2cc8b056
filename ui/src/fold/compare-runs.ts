/** Two runs side by side: which nodes belong together, and in what they differ. Pure. */
import type { NodeFacts } from './node-facts.ts'

export const ASPECTS = ['goal', 'type', 'plan', 'status', 'result', 'duration', 'tokens'] as const
export type Aspect = (typeof ASPECTS)[number]

export interface ComparedNode {
  left: NodeFacts | undefined
  right: NodeFacts | undefined
  /** Depth in the merged hierarchy. */
  depth: number
  /** Empty when they agree; a node that is in one run only differs in nothing else. */
  differs: Aspect[]
}

/**
 * Pairs the nodes of two runs, by place and goal, then by goal beneath the same holder (it moved), then by place
 * alone (its goal changed), and lists them as one hierarchy.
 */
export function compareNodes(left: readonly NodeFacts[], right: readonly NodeFacts[]): ComparedNode[] {
  const partner = pair(left, right)
  const paired = new Set(partner.values())
  const rightById = new Map(right.map((node) => [node.id, node]))
  const leftOf = new Map([...partner].map(([leftId, rightId]) => [rightId, leftId]))

  const children = new Map<string, { left?: NodeFacts; right?: NodeFacts }[]>()
  const place = (key: string, entry: { left?: NodeFacts; right?: NodeFacts }): void => {
    children.set(key, [...(children.get(key) ?? []), entry])
  }
  for (const node of left) {
    const other = rightById.get(partner.get(node.id) ?? '')
    place(`left ${node.parent ?? ''}`, other === undefined ? { left: node } : { left: node, right: other })
  }
  for (const node of right) {
    if (paired.has(node.id)) continue
    const holder = node.parent === undefined ? '' : leftOf.get(node.parent)
    place(holder === undefined ? `right ${node.parent}` : `left ${holder}`, { right: node })
  }

  const rows: ComparedNode[] = []
  const walk = (key: string, depth: number): void => {
    for (const { left: a, right: b } of children.get(key) ?? []) {
      rows.push({ left: a, right: b, depth, differs: a && b ? differences(a, b) : [] })
      if (a !== undefined) walk(`left ${a.id}`, depth + 1)
      else if (b !== undefined) walk(`right ${b.id}`, depth + 1)
    }
  }
  walk('left ', 0)
  return rows
}

/** Whether a row shows more than what is the same on both sides, apart from time and tokens, which never repeat. */
export function differsInSubstance(row: ComparedNode): boolean {
  if (row.left === undefined || row.right === undefined) return true
  return row.differs.some((aspect) => aspect !== 'duration' && aspect !== 'tokens')
}

// internal

function pair(left: readonly NodeFacts[], right: readonly NodeFacts[]): Map<string, string> {
  const partner = new Map<string, string>()
  const taken = new Set<string>()
  const match = (keyOfLeft: (node: NodeFacts) => string, keyOfRight: (node: NodeFacts) => string): void => {
    const free = new Map<string, NodeFacts[]>()
    for (const node of right)
      if (!taken.has(node.id)) free.set(keyOfRight(node), [...(free.get(keyOfRight(node)) ?? []), node])
    for (const node of left) {
      if (partner.has(node.id)) continue
      const found = free.get(keyOfLeft(node))?.shift()
      if (found === undefined) continue
      partner.set(node.id, found.id)
      taken.add(found.id)
    }
  }
  const placeAndGoal = (node: NodeFacts): string => `${node.path}\n${node.goal}`
  match(placeAndGoal, placeAndGoal)
  match(
    (node) => `${node.parent === undefined ? '' : partner.get(node.parent)}\n${node.goal}`,
    (node) => `${node.parent ?? ''}\n${node.goal}`,
  )
  match(
    (node) => node.path,
    (node) => node.path,
  )
  return partner
}

/** Times and token counts closer than this share are called the same. */
const SAME_SHARE = 0.1

function differences(a: NodeFacts, b: NodeFacts): Aspect[] {
  const far = (x: number, y: number): boolean => Math.abs(x - y) > SAME_SHARE * Math.max(x, y)
  const unlike: Record<Aspect, boolean> = {
    goal: a.goal !== b.goal,
    type: a.type !== b.type,
    plan: a.plan !== b.plan,
    status: a.status !== b.status,
    result: a.result !== b.result,
    duration: far(a.ms, b.ms),
    tokens: far(a.tokens, b.tokens),
  }
  return ASPECTS.filter((aspect) => unlike[aspect])
}
