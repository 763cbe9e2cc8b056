import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import styles from './code.module.css'
import { type CodeLanguage, codeExtensions } from './code-setup.ts'

export interface CodeEditorProps {
  text: string
  language: CodeLanguage
  label: string
  /** Called with the whole text after every change; without it the text can only be read. */
  onChange?: (text: string) => void
  /** Beyond this height the text scrolls; `fill` takes the height there is. */
  height?: number | 'fill'
}

export function CodeEditor({ text, language, label, onChange, height = 420 }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const change = useRef(onChange)
  change.current = onChange
  const readOnly = onChange === undefined

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text is put into the editor that exists, below
  useEffect(() => {
    if (place.current === null) return
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          ...codeExtensions({ language, readOnly, label }, text.length),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) change.current?.(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
  }, [language, readOnly, label])

  useEffect(() => {
    const editor = view.current
    if (editor === undefined || editor.state.doc.toString() === text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [text])

  return (
    <div
      ref={place}
      className={styles.code}
      data-fill={height === 'fill' || undefined}
      style={height === 'fill' ? {} : { maxHeight: height }}
    />
  )
}
