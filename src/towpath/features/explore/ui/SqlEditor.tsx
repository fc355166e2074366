import { autocompletion, closeBrackets, closeBracketsKeymap, type Completion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { Schemas } from "@ui/api/client";
import { nonce } from "@ui/nonce";

interface Props {
  value: string;
  onChange: (text: string) => void;
  /** Ctrl-Enter, or Command-Enter on a Mac. */
  onRun: () => void;
  label: string;
  hint: string;
  names?: Schemas["CompletionOut"];
  readOnly?: boolean;
}

const look = EditorView.theme({
  "&": { backgroundColor: "var(--towpath-surface)", color: "var(--mantine-color-text)", fontSize: "13.5px" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mantine-font-family-monospace)", padding: "10px 0", caretColor: "var(--mantine-color-text)" },
  ".cm-scroller": { lineHeight: "1.55", overflow: "auto" },
  ".cm-gutters": { backgroundColor: "transparent", border: "none", color: "var(--mantine-color-dimmed)", opacity: "0.75" },
  ".cm-activeLine": { backgroundColor: "var(--towpath-quiet)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--mantine-primary-color-light-hover) !important" },
  ".cm-tooltip": { backgroundColor: "var(--towpath-surface)", border: "1px solid var(--mantine-color-default-border)", borderRadius: "8px", overflow: "hidden" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--mantine-primary-color-filled)", color: "#fff" },
  ".cm-completionDetail": { color: "var(--mantine-color-dimmed)", fontStyle: "normal" },
  "li[aria-selected] .cm-completionDetail": { color: "#fff" },
  ".cm-placeholder": { color: "var(--mantine-color-placeholder)" },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--mantine-color-anchor)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--towpath-warn)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--towpath-good)" },
  { tag: tags.comment, color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name)], color: "var(--mantine-color-anchor)" },
]);

function language(names: Schemas["CompletionOut"] | undefined) {
  const schema: Record<string, Completion[]> = {};
  for (const [table, columns] of Object.entries(names?.tables ?? {})) {
    schema[table] = columns.map((label) => ({ label, type: "property", detail: names?.labels[table]?.[label] ?? "" }));
  }
  const all = new Map<string, Completion>();
  for (const columns of Object.values(schema)) for (const column of columns) all.set(column.label, { ...column, boost: -1 });
  const functions = (names?.functions ?? []).map<Completion>((label) => ({ label, type: "function", apply: `${label}(`, boost: -2 }));
  const support = sql({ dialect: PostgreSQL, schema, upperCaseKeywords: false });
  return [
    support,
    support.language.data.of({
      // Columns and functions wherever a name may stand; the language itself offers tables and keywords.
      autocomplete: (context: { matchBefore: (what: RegExp) => { from: number; text: string } | null; explicit: boolean }) => {
        const word = context.matchBefore(/[\w]+/);
        if (!word || (word.text.length < 2 && !context.explicit)) return null;
        return { from: word.from, options: [...all.values(), ...functions], validFor: /^\w*$/ };
      },
    }),
  ];
}

/** An editor of SQL that knows the tables. Escape and then Tab lead out of it by the keyboard, as everywhere. */
export default function SqlEditor({ value, onChange, onRun, label, hint, names, readOnly }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const knows = useRef(new Compartment());
  const told = useRef({ onChange, onRun });
  told.current = { onChange, onRun };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; what changes is given to it below
  useEffect(() => {
    if (!place.current) return;
    view.current = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce),
          Prec.highest(
            keymap.of([
              {
                key: "Mod-Enter",
                run: () => {
                  told.current.onRun();
                  return true;
                },
              },
            ]),
          ),
          lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          autocompletion({ icons: false }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap]),
          syntaxHighlighting(colours),
          look,
          placeholder(hint),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
          EditorState.readOnly.of(Boolean(readOnly)),
          // Left to itself, Chromium gives text that is typed over a coloured selection a style of its own, which our
          // policy refuses with an error.
          EditorView.domEventHandlers({
            beforeinput: (event, editor) => {
              if (event.inputType !== "insertText" || !event.data || editor.composing || editor.state.selection.main.empty) return false;
              event.preventDefault();
              editor.dispatch(editor.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
              return true;
            },
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current.onChange(update.state.doc.toString());
          }),
          knows.current.of(language(names)),
        ],
      }),
    });
    return () => view.current?.destroy();
  }, [label, hint, readOnly]);
  useEffect(() => {
    view.current?.dispatch({ effects: knows.current.reconfigure(language(names)) });
  }, [names]);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
    }
  }, [value]);
  return <div ref={place} style={{ blockSize: "100%", overflow: "auto" }} dir="ltr" />;
}
