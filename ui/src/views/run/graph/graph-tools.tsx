import { TextInput } from '@mantine/core'
import { Panel } from '@xyflow/react'
import { ChevronsDownUp, ChevronsUpDown, Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { RunGraph } from '../../../../../src/domain/run-graph.ts'
import { FlowTool, FlowTools } from '../../../parts/flow/flow-tools.tsx'
import type { Scene } from '../../../parts/flow/scene.ts'
import { useMoves } from '../../../parts/flow/use-moves.ts'
import { LEGEND } from '../../../parts/tone.ts'
import { useRun } from '../run-context.ts'
import styles from './graph.module.css'
import type { Folding } from './use-outline.ts'

interface GraphToolsProps {
  folding: Folding
  scene: Scene<unknown>
}

export function GraphTools({ folding, scene }: GraphToolsProps) {
  return (
    <>
      <Panel position="top-left" className={styles.search ?? ''}>
        <NodeSearch folding={folding} scene={scene} />
      </Panel>
      <FlowTools bounds={scene.bounds}>
        <FlowTool label="Fold everything" icon={<ChevronsDownUp size={15} />} run={folding.foldAll} />
        <FlowTool label="Unfold everything" icon={<ChevronsUpDown size={15} />} run={folding.unfoldAll} />
      </FlowTools>
      <Panel position="bottom-left" className={styles.legend ?? ''}>
        {LEGEND.map(({ tone, label }) => (
          <span key={tone}>
            <i style={{ background: `var(--ao-${tone})` }} />
            {label}
          </span>
        ))}
      </Panel>
    </>
  )
}

// internal

/** Finds nodes by id or goal; Enter goes from one to the next. */
function NodeSearch({ folding, scene }: GraphToolsProps) {
  const { state, openNode } = useRun()
  const [text, setText] = useState('')
  const place = useRef(-1)
  const found = text.trim() === '' ? [] : findNodes(state.graph, text.trim().toLowerCase())
  const show = useCenterOn(scene)

  function next(): void {
    place.current = (place.current + 1) % Math.max(1, found.length)
    const id = found[place.current]
    if (id === undefined) return
    folding.reveal(id)
    openNode(id)
    show(id)
  }

  return (
    <TextInput
      size="xs"
      data-search
      aria-label="Search a node"
      placeholder="Search a node"
      leftSection={<Search size={13} />}
      rightSectionWidth={46}
      rightSection={text === '' ? null : <span className="num faint">{found.length}</span>}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        place.current = -1
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') next()
      }}
    />
  )
}

const FOUND_MAX = 500

function findNodes(graph: RunGraph, text: string): string[] {
  const found: string[] = []
  for (const node of graph.nodes.values()) {
    if (found.length === FOUND_MAX) break
    if (node.nid === text) found.unshift(node.id)
    else if (`${node.nid} ${node.goal} ${node.id}`.toLowerCase().includes(text)) found.push(node.id)
  }
  return found
}

/** Moves the viewport to a node as soon as it has its place: unfolding takes a layout first. */
function useCenterOn(scene: Scene<unknown>): (id: string) => void {
  const { show } = useMoves()
  const [wanted, setWanted] = useState<string>()
  useEffect(() => {
    const box = wanted === undefined ? undefined : scene.boxes.find(({ id }) => id === wanted)
    if (box === undefined) return
    show(box, { padding: 1.2, glide: true })
    setWanted(undefined)
  }, [wanted, scene, show])
  return setWanted
}
