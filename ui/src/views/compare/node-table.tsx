import type { ComparedNode } from '../../fold/compare-runs.ts'
import type { NodeFacts } from '../../fold/node-facts.ts'
import { formatMs, formatTokens } from '../../format/numbers.ts'
import { readable, StatusDot } from '../../parts/status.tsx'
import { TableRow, VirtualTable } from '../../parts/virtual-table.tsx'
import styles from './compare.module.css'

const ROW_HEIGHT = 30

interface NodeTableProps {
  rows: readonly ComparedNode[]
  open: string | undefined
  select: (node: string) => void
}

export function NodeTable({ rows, open, select }: NodeTableProps) {
  const idAt = (index: number): string | undefined => nodeOf(rows[index])?.id
  return (
    <VirtualTable
      label="Nodes of both runs"
      className={styles.table ?? ''}
      headings={HEADINGS}
      rowHeight={ROW_HEIGHT}
      count={rows.length}
      openIndex={() => (open === undefined ? -1 : rows.findIndex((row) => nodeOf(row)?.id === open))}
      open={(index) => {
        const id = idAt(index)
        if (id !== undefined) select(id)
      }}
      row={(index, top) => {
        const row = rows[index]
        const node = nodeOf(row)
        return (
          row &&
          node && (
            <TableRow key={node.id} top={top} height={ROW_HEIGHT} open={open === node.id}>
              <Cells row={row} node={node} select={select} />
            </TableRow>
          )
        )
      }}
    />
  )
}

// internal

const HEADINGS = ['Node', 'First run', 'Second run', 'Differs in']

/** The node that stands for both in the address. */
function nodeOf(row: ComparedNode | undefined): NodeFacts | undefined {
  return row?.left ?? row?.right
}

interface CellsProps {
  row: ComparedNode
  node: NodeFacts
  select: (node: string) => void
}

function Cells({ row, node, select }: CellsProps) {
  return (
    <>
      <span role="cell" className={styles.nodeName} style={{ paddingLeft: row.depth * 14 }}>
        <button type="button" onClick={() => select(node.id)} title={node.goal}>
          <span className="mono dim">{node.nid || 'root'}</span>
          <span className="cut" dir="auto">
            {node.goal}
          </span>
        </button>
      </span>
      <Side node={row.left} />
      <Side node={row.right} />
      <span role="cell" className={styles.chips} title={row.differs.join(', ')}>
        <Chips row={row} />
      </span>
    </>
  )
}

function Side({ node }: { node: NodeFacts | undefined }) {
  if (node === undefined)
    return (
      <span role="cell" className="faint">
        not in this run
      </span>
    )
  return (
    <span role="cell" className={styles.nodeSide} title={readable(node.status)}>
      <StatusDot status={node.status} />
      <span className={`cut ${styles.nodeStatus}`}>{readable(node.status)}</span>
      <span className="num dim">{node.ms === 0 ? '' : formatMs(node.ms)}</span>
      <span className="num faint">{node.tokens === 0 ? '' : `${formatTokens(node.tokens)} tok`}</span>
    </span>
  )
}

function Chips({ row }: { row: ComparedNode }) {
  if (row.left === undefined) return <i data-strong>only in the second</i>
  if (row.right === undefined) return <i data-strong>only in the first</i>
  return row.differs.map((aspect) => (
    <i key={aspect} data-strong={(aspect !== 'duration' && aspect !== 'tokens') || undefined}>
      {aspect}
    </i>
  ))
}
