/** What every editor of the page has in common: colours, keys and languages. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  syntaxHighlighting,
} from '@codemirror/language'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export type CodeLanguage = 'json' | 'text'

export interface CodeSetup {
  language: CodeLanguage
  readOnly: boolean
  /** Names the field to those who cannot see it. */
  label: string
}

/** Syntax colours cost time on huge texts; beyond this many characters they are left out. */
const COLOUR_LENGTH_MAX = 1_000_000

export function codeExtensions({ language, readOnly, label }: CodeSetup, length: number): Extension[] {
  return [
    LOOK,
    syntaxHighlighting(COLOURS),
    keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...searchKeymap]),
    highlightSelectionMatches(),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, ...(readOnly ? { tabindex: '0' } : {}) }),
    ...(language === 'json' && length < COLOUR_LENGTH_MAX ? [json(), foldGutter(), bracketMatching()] : []),
    ...(readOnly
      ? [EditorState.readOnly.of(true), EditorView.editable.of(false)]
      : [history(), lineNumbers()]),
  ]
}

// internal

const LOOK = EditorView.theme({
  '&': { fontSize: '12px', color: 'var(--ao-text)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--ao-mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--ao-accent)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ao-accent)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ao-faint)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--ao-accent) 28%, transparent) !important',
  },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--ao-hover)',
    border: '1px solid var(--ao-line-strong)',
    color: 'var(--ao-dim)',
    padding: '0 5px',
  },
  // The kit dresses its search for light pages.
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--ao-hover)',
    border: '1px solid var(--ao-line-strong)',
    color: 'var(--ao-text)',
  },
  '.cm-textfield': {
    backgroundColor: 'var(--ao-hover)',
    border: '1px solid var(--ao-line-strong)',
    color: 'var(--ao-text)',
  },
  '.cm-panels': { backgroundColor: 'var(--ao-raised)', color: 'var(--ao-text)' },
  '.cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--ao-need) 40%, transparent)' },
  // The kit's own bar is a pale gradient between signs that few fonts have.
  '&.cm-editor .cm-collapsedLines': {
    background: 'var(--ao-hover)',
    color: 'var(--ao-dim)',
    fontFamily: 'var(--ao-font)',
    fontSize: '11.5px',
    '&::before, &::after': { content: '""' },
  },
  // Colours of code have to be read on the tints of what differs, so these are weak and a line below helps them.
  '.cm-changedLine': { backgroundColor: 'color-mix(in srgb, var(--ao-accent) 5%, transparent) !important' },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': {
    background: 'color-mix(in srgb, var(--ao-fail) 12%, transparent) !important',
    boxShadow: 'inset 0 -2px color-mix(in srgb, var(--ao-fail) 75%, transparent)',
  },
  '&.cm-merge-b .cm-changedText': {
    background: 'color-mix(in srgb, var(--ao-done) 12%, transparent) !important',
    boxShadow: 'inset 0 -2px color-mix(in srgb, var(--ao-done) 75%, transparent)',
  },
})

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--ao-accent)' },
  { tag: tags.string, color: 'var(--ao-done)' },
  { tag: tags.number, color: 'var(--ao-need)' },
  { tag: [tags.bool, tags.null], color: 'var(--ao-plan)' },
  { tag: [tags.punctuation, tags.bracket], color: 'var(--ao-dim)' },
])
