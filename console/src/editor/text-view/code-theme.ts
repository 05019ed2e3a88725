import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import "../canvas/colors.css";

/** The editor in the colors of the canvas, which follow light and dark. Variables reach into the shadow root. */
export const theme = [
  EditorView.theme({
    "&": {
      height: "100%",
      color: "var(--text)",
      backgroundColor: "var(--card)",
      fontSize: "13px",
    },
    "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
    ".cm-scroller": { fontFamily: "ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', monospace", lineHeight: "1.5" },
    ".cm-content": { caretColor: "var(--text)" },
    ".cm-cursor": { borderLeftColor: "var(--text)" },
    ".cm-gutters": {
      color: "var(--text-secondary)",
      backgroundColor: "var(--canvas)",
      borderRight: "1px solid var(--divider)",
    },
    // So faint that the colors of the words keep their contrast.
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "rgba(127, 127, 127, 0.06)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
      backgroundColor: "rgba(83, 155, 245, 0.35)",
    },
    ".cm-panels, .cm-tooltip": {
      color: "var(--text)",
      backgroundColor: "var(--canvas)",
      borderColor: "var(--divider)",
    },
    ".cm-textfield, .cm-button": {
      color: "var(--text)",
      backgroundColor: "var(--card)",
      backgroundImage: "none",
      border: "1px solid var(--text-secondary)",
    },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
      { tag: [tags.string, tags.special(tags.string)], color: "var(--success)" },
      { tag: [tags.comment, tags.meta], color: "var(--text-secondary)", fontStyle: "italic" },
      { tag: [tags.bool, tags.number, tags.keyword], color: "var(--info)" },
    ]),
  ),
];
