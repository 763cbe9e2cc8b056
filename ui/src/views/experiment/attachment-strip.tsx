import { Modal, UnstyledButton } from '@mantine/core'
import { FileText } from 'lucide-react'
import { useMemo, useState } from 'react'
import { CodeView } from '../../parts/code-view.tsx'
import { type Attachment, type AttachmentContent, readAttachments } from './attachments.ts'
import styles from './experiment.module.css'

/** The files of a call. Images are seen at once, and large on a click; texts are read on a click. */
export function AttachmentStrip({ value }: { value: unknown }) {
  const [open, setOpen] = useState<Attachment>()
  const attachments = useMemo(() => readAttachments(value), [value])
  if (attachments.length === 0) return null
  return (
    <div className={styles.attachments} role="group" aria-label="Attachments">
      {attachments.map((item) => (
        <Item key={item.place} item={item} show={() => setOpen(item)} />
      ))}
      <Modal
        opened={open !== undefined}
        onClose={() => setOpen(undefined)}
        title={<span className="wrap-anywhere">{open?.name}</span>}
        size={open?.content?.kind === 'text' ? 900 : 'auto'}
        centered
      >
        {open?.content !== undefined && <Content name={open.name} content={open.content} />}
      </Modal>
    </div>
  )
}

// internal

function Item({ item: { name, content }, show }: { item: Attachment; show: () => void }) {
  const label = (
    <>
      <FileText size={13} />
      <span className="mono cut">{name}</span>
    </>
  )
  if (content === undefined)
    return (
      <span className={styles.file} title={name}>
        {label}
      </span>
    )
  return content.kind === 'image' ? (
    <UnstyledButton className={styles.thumb} onClick={show} title={name}>
      <img src={content.url} alt={name} />
    </UnstyledButton>
  ) : (
    <UnstyledButton className={styles.file} data-opens onClick={show} title={name}>
      {label}
    </UnstyledButton>
  )
}

function Content({ name, content }: { name: string; content: AttachmentContent }) {
  return content.kind === 'image' ? (
    <img src={content.url} alt={name} className={styles.large} />
  ) : (
    <CodeView text={content.text} language="text" label={name} height={520} />
  )
}
