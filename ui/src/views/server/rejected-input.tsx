/** Input that the server refused: why, from where, and its text. */
import { Button, UnstyledButton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { RejectedList } from '../../../../src/wire/event-api.ts'
import { sentenceOf } from '../../api/http.ts'
import { fetchRejected } from '../../api/server.ts'
import { formatBytes, formatCount } from '../../format/numbers.ts'
import { oneLine } from '../../format/text.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Moment } from '../../parts/moment.tsx'
import styles from './server.module.css'

type Rejected = RejectedList['rejected'][number]

export function RejectedInput() {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['live', 'rejected'],
    queryFn: ({ pageParam, signal }) => fetchRejected(pageParam, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: 10_000,
  })
  const rows = data?.pages.flatMap((page) => page.rejected) ?? []
  const total = data?.pages[0]?.total ?? 0
  return (
    <section className={styles.rejected}>
      <h2>
        Refused input{' '}
        {total > 0 && <span className="num faint">{formatCount(total)} since the first start</span>}
      </h2>
      {error !== null && <p className={styles.error}>{sentenceOf(error)}</p>}
      {data !== undefined && rows.length === 0 && (
        <p className="dim">Nothing was refused. What is not an event will be listed here with its reason.</p>
      )}
      {rows.map((row) => (
        <RejectedRow key={row.id} row={row} />
      ))}
      {hasNextPage && (
        <Button
          variant="default"
          size="xs"
          mt="sm"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Older
        </Button>
      )}
    </section>
  )
}

// internal

function RejectedRow({ row }: { row: Rejected }) {
  const [open, setOpen] = useState(false)
  return (
    <div className={styles.row}>
      <UnstyledButton className={styles.rowHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronRight size={13} data-open={open || undefined} />
        <span className="dim">
          <Moment timestamp={row.received_at} />
        </span>
        <span className={styles.reason}>{row.reason}</span>
        <span className="mono faint cut">{oneLine(row.text, 160)}</span>
      </UnstyledButton>
      {open && (
        <div className={styles.rowBody}>
          <p className="dim">
            From <span className="mono">{row.source}</span>, {formatBytes(row.bytes)}
            {row.text.length < row.bytes && ', shortened here'} <CopyIcon value={row.text} what="text" />
          </p>
          <pre className="mono">{row.text}</pre>
        </div>
      )}
    </div>
  )
}
