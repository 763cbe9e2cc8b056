import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyEvent, createRunGraph, type RunGraph } from '../../../src/domain/run-graph.ts'
import { layoutOutline, type Place } from '../../../ui/src/parts/flow/layout.ts'
import { ranksOf } from '../../../ui/src/parts/flow/ranks.ts'
import {
  absolutePlaces,
  boundsOf,
  boxAt,
  type Rect,
  routeOfLine,
  tiled,
  touches,
} from '../../../ui/src/parts/flow/scene.ts'
import { activeNodeAt } from '../../../ui/src/views/run/graph/active-node.ts'
import { createGraphScene } from '../../../ui/src/views/run/graph/graph-scene.ts'
import {
  firstUnfolded,
  hierarchyOf,
  holdersOf,
  type Outline,
  outlineOf,
} from '../../../ui/src/views/run/graph/outline.ts'
import { type InventedEvent, inventRun } from '../../support/invented-run.ts'
import { createRandom } from '../../support/random.ts'

function graphOf(events: readonly InventedEvent[]) {
  const graph = createRunGraph()
  for (const event of events) applyEvent(graph, event)
  return graph
}

function outlined(
  graph: ReturnType<typeof graphOf>,
  isUnfolded: (id: string) => boolean = () => true,
): Outline {
  return outlineOf(graph, hierarchyOf(graph), isUnfolded)
}

const placesOf = (outline: Outline): Map<string, Place> =>
  layoutOutline({ nodes: [...outline.nodes.values()], edges: outline.edges })

const graph = graphOf(inventRun({ nodes: 60 }))
const outlineOfAll = outlined(graph)
const placesOfAll = absolutePlaces(outlineOfAll.nodes.values(), placesOf(outlineOfAll))
const query = {
  outline: outlineOfAll,
  places: placesOfAll,
  bounds: boundsOf(placesOfAll.values()),
  active: undefined,
  selected: undefined,
}

test('inner graphs nest in their nodes', () => {
  const outline = outlined(graph)
  assert.equal(outline.nodes.size, 60)
  for (const item of outline.nodes.values())
    assert.equal(item.container ?? null, graph.nodes.get(item.id)?.outer)
})

test('folded, a node hides what it holds, and its edges stay', () => {
  const outline = outlined(graph, (id) => graph.nodes.get(id)?.layer === 0)
  assert.equal(outline.nodes.size, 6)
  assert.ok(outline.edges.length > 0)
  assert.ok(outline.edges.every((edge) => outline.nodes.has(edge.source) && outline.nodes.has(edge.target)))
})

test('at first only so many nodes are unfolded', () => {
  const unfolded = firstUnfolded(hierarchyOf(graph), 20)
  const outline = outlined(graph, (id) => unfolded.has(id))
  assert.ok(outline.nodes.size > 1 && outline.nodes.size <= 20)
})

test('what was unfolded at first stays so while the run grows', () => {
  const events = inventRun({ nodes: 60 })
  const early = firstUnfolded(hierarchyOf(graphOf(events.slice(0, 140))), 30)
  const late = hierarchyOf(graph)
  assert.ok([...early].some((id) => !firstUnfolded(late, 30).has(id)))
  const kept = firstUnfolded(late, 30, early)
  assert.ok([...early].every((id) => kept.has(id)))
})

test('boxes hold what lies in them, and neighbours do not overlap', () => {
  const outline = outlined(graph)
  const places = placesOf(outline)
  for (const item of outline.nodes.values()) {
    const box = places.get(item.id)
    const inner = item.inside.map((id) => places.get(id))
    for (const place of inner) {
      assert.ok(box && place && place.x >= 0 && place.y >= 0)
      assert.ok(place.x + place.width <= box.width && place.y + place.height <= box.height)
    }
    for (const a of inner) for (const b of inner) if (a !== b && a && b) assert.ok(!overlap(a, b))
  }
})

test('ids that name properties of every object are placed like others', () => {
  const ids = ['__proto__', 'constructor', 'toString', 'n']
  const nodes = ids.map((id) => ({ id, container: undefined, inside: [], direction: 'right' as const }))
  const edges = ids.slice(1).map((target) => ({ source: '__proto__', target }))
  const places = layoutOutline({ nodes, edges })
  const [first, ...others] = ids.map((id) => places.get(id))
  assert.ok(first && others.every((place) => place && place.x > first.x))
})

test('growing in one place leaves the inside of all others as it was', () => {
  const events = inventRun({ nodes: 60 })
  const built = events.findLastIndex(
    (event, index) => event.event_type === 'inner_graph_built' && index < events.length / 2,
  )
  const before = outlined(graphOf(events.slice(0, built)))
  const after = outlined(graphOf(events))
  const [old, grown] = [placesOf(before), placesOf(after)]
  let compared = 0
  for (const item of before.nodes.values()) {
    const now = after.nodes.get(item.id)
    if (item.inside.length === 0 || now?.inside.length !== item.inside.length) continue
    if (item.inside.some((id) => after.nodes.get(id)?.unfolded)) continue
    compared += 1
    for (const id of item.inside) assert.deepEqual(grown.get(id), old.get(id))
  }
  assert.ok(compared > 0)
})

test('a hierarchy that bites its own tail, or lost its head, is drawn all the same', () => {
  const odd = createRunGraph()
  const node = (id: string, outer: string | null) => ({
    id,
    outer,
    nid: id,
    type: '',
    taskType: '',
    goal: '',
    layer: 1,
    status: 'READY',
    root: id,
  })
  for (const item of [node('a', 'a'), node('b', 'nowhere'), node('c', 'd'), node('d', 'c')])
    odd.nodes.set(item.id, item)
  odd.edges.set('c-a', { id: 'c-a', parent: 'c', child: 'a' })
  const outline = outlined(odd)
  assert.deepEqual([...outline.nodes.keys()], ['a', 'b'])
  assert.ok(holdersOf(odd, 'c').length <= 2)
})

test('nodes that do not exist yet at the shown moment are not drawn, and unchanged ones stay the same objects', () => {
  const sceneOf = createGraphScene()
  const early = graphOf(inventRun({ nodes: 60 }).slice(0, 40))
  assert.equal(sceneOf({ ...query, graph: early }).boxes.length, early.nodes.size)
  const first = sceneOf({ ...query, graph })
  const starts = new Set(first.lines.map(({ from }) => from))
  const joined = first.boxes.findIndex((box) => starts.has(box))
  const second = sceneOf({ ...query, graph, selected: first.boxes[joined]?.id })
  assert.deepEqual(
    second.boxes.flatMap((box, index) => (box === first.boxes[index] ? [] : [index])),
    [joined],
  )
  const box = second.boxes[joined]
  assert.deepEqual(
    second.lines.filter(({ lit }) => lit),
    second.lines.filter(({ from, to }) => from === box || to === box),
  )
  assert.ok(second.lines.some(({ lit }) => lit))
})

test('boxes are placed from the origin, inside of what holds them, and found there', () => {
  const { boxes, bounds } = createGraphScene()({ ...query, graph })
  const byId = new Map(boxes.map((box) => [box.id, box]))
  for (const box of boxes) {
    assert.ok(isInside(box, bounds))
    const outer = byId.get(graph.nodes.get(box.id)?.outer ?? '')
    assert.ok(outer === undefined || isInside(box, outer))
  }
  const leaf = boxes.find((box) => !box.open)
  assert.ok(leaf)
  assert.equal(boxAt(boxes, leaf.x + leaf.width / 2, leaf.y + leaf.height / 2), leaf)
  assert.equal(boxAt(boxes, bounds.x - 1, bounds.y - 1), undefined)
})

test('tiles cover the region, and change only where its edge leaves them', () => {
  const region = { x: -130, y: 700, width: 1_900, height: 900 }
  const tiles = tiled(region, 0.8)
  assert.ok(isInside(region, tiles))
  assert.deepEqual(tiled({ ...region, x: -129 }, 0.79), tiles)
  assert.notDeepEqual(tiled({ ...region, x: -130 - tiles.width }, 0.8), tiles)
  assert.deepEqual(boundsOf([]), { x: 0, y: 0, width: 0, height: 0 })
  assert.equal(touches(region, { ...region, x: region.x + region.width }), false)
})

test('lines lead from box to box and run through no other', () => {
  for (const seed of [1, 5, 9]) {
    const other = graphOf(inventRun({ nodes: 60, seed }))
    const outline = outlined(other)
    assertClear(other, outline, placesOf(outline))
  }
})

test('a line whose box has moved since the last layout leads to where the box is', () => {
  const { lines } = createGraphScene()({ ...query, graph })
  const line = lines.find(({ direction }) => direction === 'right')
  assert.ok(line)
  const moved = { ...line, to: { ...line.to, x: line.to.x + 500 } }
  assert.equal(routeOfLine(moved).at(-2), moved.to.x)
})

test('neighbours of a new graph stand in their given order, and lines lead to where they stand', () => {
  for (const direction of ['right', 'down'] as const)
    for (const lines of [
      ['sa', 'sb', 'sc'],
      ['sa', 'sb', 'sc', 'at', 'bt', 'cu', 'st'],
    ]) {
      const nodes = [...'sabctu'].map(flatNode)
      const edges = lines.map(([source = '', target = '']) => ({ source, target }))
      const places = layoutOutline({ nodes, edges, direction })
      const name = `${lines} ${direction}`
      const middle = ({ x, y, width, height }: Place): number =>
        direction === 'right' ? y + height / 2 : x + width / 2
      const [a = 0, b = 0, c = 0] = [...'abc'].map((id) => middle(places.get(id) as Place))
      assert.ok(a < b && b < c, name)
      for (const { source, target } of edges) {
        const route = places.get(source)?.exits?.get(target) ?? []
        assert.equal(route.at(direction === 'right' ? -1 : -2), middle(places.get(target) as Place), name)
      }
    }
})

test('siblings of a run stand in the order of their numbers', () => {
  for (const seed of [1, 3, 5, 7]) {
    const outline = outlined(graphOf(inventRun({ nodes: 60, seed })))
    const places = placesOf(outline)
    for (const { inside, direction } of outline.nodes.values()) {
      const [along, across] = direction === 'right' ? (['x', 'y'] as const) : (['y', 'x'] as const)
      const joined = inside.flatMap((id) => places.get(id) ?? []).filter(({ loose }) => !loose)
      for (const rank of Map.groupBy(joined, (place) => place[along]).values()) {
        const shown = rank.map((place) => place[across])
        assert.deepEqual(
          shown,
          shown.toSorted((a, b) => a - b),
          `seed ${seed}`,
        )
      }
    }
  }
})

test('neighbours keep their order while the graph grows', () => {
  const node = (id: string) => ({ id, container: undefined, inside: [], direction: 'right' as const })
  const edge = (source: string, target: string) => ({ source, target })
  const nodes = ['s', 'a', 'b', 'c'].map(node)
  const edges = [edge('s', 'a'), edge('s', 'b'), edge('s', 'c')]
  const order = (places: ReadonlyMap<string, Place>): string =>
    ['a', 'b', 'c'].toSorted((x, y) => (places.get(x)?.y ?? 0) - (places.get(y)?.y ?? 0)).join('')
  const before = layoutOutline({ nodes, edges })
  const swapped = new Map(before)
  const [a, c] = [before.get('a'), before.get('c')]
  assert.ok(a && c)
  swapped.set('a', { ...a, y: c.y })
  swapped.set('c', { ...c, y: a.y })
  const grown = { nodes: [...nodes, node('d')], edges: [...edges, edge('a', 'd')] }
  assert.equal(order(layoutOutline(grown, before)), order(before))
  assert.equal(order(layoutOutline(grown, swapped)), order(swapped))
})

test('while a run grows, boxes and lines stay clear of each other', () => {
  const growing = createRunGraph()
  let before = new Map<string, Place>()
  for (const event of inventRun({ nodes: 40, seed: 3 })) {
    const size = growing.nodes.size + growing.edges.size
    applyEvent(growing, event)
    if (growing.nodes.size + growing.edges.size === size) continue
    const outline = outlined(growing)
    before = layoutOutline({ nodes: [...outline.nodes.values()], edges: outline.edges }, before)
    assertClear(growing, outline, before)
  }
  assert.equal(before.size, 40)
})

test('a newcomer moves nothing: it stands where there is room', () => {
  const random = createRandom(7)
  const nodes = [flatNode('0'), flatNode('lone')]
  const edges: { source: string; target: string }[] = []
  let before = layoutOutline({ nodes, edges })
  for (let made = 1; made < 60; made++) {
    nodes.push(flatNode(String(made)))
    const sources = new Set([random.below(made), random.below(made)])
    for (const source of sources) edges.push({ source: String(source), target: String(made) })
    const after = layoutOutline({ nodes, edges }, before)
    // The one beside the graph makes way for it; the very first box was beside it, too.
    for (const [id, place] of before)
      if (id !== 'lone' && made > 1)
        assert.deepEqual(corner(after.get(id)), corner(place), `${id} by ${made}`)
    before = after
  }
})

test('a box that grows moves what lies behind it, and nothing else', () => {
  const ids = ['s', 'p', 'q', 'r', 'next']
  const edges = ['p', 'q', 'r'].flatMap((id) => [
    { source: 's', target: id },
    { source: id, target: 'next' },
  ])
  const small = layoutOutline({ nodes: ids.map(flatNode), edges })
  const [above = '', middle = '', below = ''] = ['p', 'q', 'r'].toSorted(
    (a, b) => (small.get(a)?.y ?? 0) - (small.get(b)?.y ?? 0),
  )
  const inside = ['a', 'b', 'c', 'd']
  const holder = { ...flatNode(middle), inside, direction: 'down' as const }
  const nodes = [
    ...ids.map((id) => (id === middle ? holder : flatNode(id))),
    ...inside.map((id) => ({ ...flatNode(id), container: middle })),
  ]
  const grown = layoutOutline({ nodes, edges }, small)
  for (const id of ['s', above, middle]) assert.deepEqual(corner(grown.get(id)), corner(small.get(id)), id)
  const [pushed, next] = [grown.get(below), grown.get('next')]
  assert.ok(pushed && pushed.y > (small.get(below)?.y ?? 0) && pushed.x === small.get(below)?.x)
  assert.ok(next && next.x > (small.get('next')?.x ?? 0) && next.y === small.get('next')?.y)
})

test('what is folded closes up', () => {
  const edges = ['above', 'holder', 'below'].map((target) => ({ source: 's', target }))
  const others = ['s', 'above', 'below'].map(flatNode)
  const inside = ['a', 'b', 'c', 'd']
  const open = [
    { ...flatNode('holder'), inside },
    ...inside.map((id) => ({ ...flatNode(id), container: 'holder' })),
  ]
  const folded = layoutOutline({ nodes: [...others, flatNode('holder')], edges })
  const unfolded = layoutOutline({ nodes: [...others, ...open], edges }, folded)
  assert.deepEqual(layoutOutline({ nodes: [...others, flatNode('holder')], edges }, unfolded), folded)
})

test('a chain that leads to one box only stands right before it, and circles have a beginning', () => {
  const chain = [...'abcd'].map((id) => flatNode(id).id)
  const edges = ['ab', 'bc', 'cd', 'st', 'td'].map(([source = '', target = '']) => ({ source, target }))
  assert.deepEqual(Object.fromEntries(ranksOf([...chain, 's', 't'], edges)), {
    a: 0,
    b: 1,
    c: 2,
    d: 3,
    s: 1,
    t: 2,
  })
  const circle = ['ab', 'bc', 'ca', 'cc'].map(([source = '', target = '']) => ({ source, target }))
  assert.deepEqual(Object.fromEntries(ranksOf(['a', 'b', 'c'], circle)), { a: 0, b: 1, c: 2 })
})

test('the active node is the one of the latest open step', () => {
  const span = { kind: 'step' as const, end: undefined, begin: 1 }
  const spans = [
    { ...span, node: 'a' },
    { ...span, node: 'b', begin: 3, end: 5 },
  ] as never
  assert.equal(activeNodeAt(spans, 2), 'a')
  assert.equal(activeNodeAt(spans, 4), 'b')
  assert.equal(activeNodeAt(spans, 6), 'a')
  assert.equal(activeNodeAt([], 6), undefined)
})

const flatNode = (id: string) => ({
  id,
  container: undefined as string | undefined,
  inside: [] as string[],
  direction: 'right' as const,
})

const corner = (place: Place | undefined) => place && { x: place.x, y: place.y }

/** No box lies on a neighbour, and no line runs through a box beside its ends. */
function assertClear(run: RunGraph, outline: Outline, relative: ReadonlyMap<string, Place>): void {
  const places = absolutePlaces(outline.nodes.values(), relative)
  const { boxes, lines } = createGraphScene()({ ...query, outline, places, graph: run })
  const containerOf = (id: string): string | undefined => outline.nodes.get(id)?.container
  for (const [index, a] of boxes.entries())
    for (const b of boxes.slice(index + 1))
      assert.ok(containerOf(a.id) !== containerOf(b.id) || !touches(a, b), `${a.id} and ${b.id}`)
  for (const line of lines) {
    const route = routeOfLine(line)
    assert.ok(line.from.exits?.get(line.to.id), 'the layout knows the way')
    const beside = boxes.filter(
      (box) => containerOf(box.id) === containerOf(line.from.id) && box !== line.from && box !== line.to,
    )
    for (const piece of straightPieces(route))
      for (const box of beside) assert.ok(!touches(piece, box), `${line.from.id} to ${line.to.id}: ${box.id}`)
  }
}

/** The parts of a way that lie within ranks. The bends between them lie in gaps, where no box is. */
function straightPieces(route: readonly number[]): Rect[] {
  const pieces: Rect[] = []
  for (let at = 0; at < route.length; at += 4) {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = route.slice(at, at + 4)
    const width = Math.abs(x1 - x0)
    pieces.push({ x: Math.min(x0, x1), y: Math.min(y0, y1), width, height: Math.abs(y1 - y0) })
  }
  return pieces
}

function isInside(inner: Rect, outer: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  )
}

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}
