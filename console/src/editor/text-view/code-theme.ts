import {
  colorBackgroundContainerContent,
  colorBackgroundInputDefault,
  colorBorderDividerDefault,
  colorBorderItemFocused,
  colorTextBodyDefault,
  colorTextBodySecondary,
  colorTextLinkDefault,
  colorTextStatusInfo,
  colorTextStatusSuccess,
} from "@cloudscape-design/design-tokens";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The editor in Cloudscape's colours, which follow light and dark by themselves. */
export const theme = [
  EditorView.theme({
    "&": { height: "100%", color: colorTextBodyDefault, backgroundColor: colorBackgroundInputDefault, fontSize: "13px" },
    "&.cm-focused": { outline: `2px solid ${colorBorderItemFocused}`, outlineOffset: "-2px" },
    ".cm-scroller": { fontFamily: "ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', monospace", lineHeight: "1.5" },
    ".cm-content": { caretColor: colorTextBodyDefault },
    ".cm-cursor": { borderLeftColor: colorTextBodyDefault },
    ".cm-gutters": {
      color: colorTextBodySecondary,
      backgroundColor: colorBackgroundContainerContent,
      borderRight: `1px solid ${colorBorderDividerDefault}`,
    },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "rgba(127, 127, 127, 0.12)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
      backgroundColor: "rgba(83, 155, 245, 0.35)",
    },
    ".cm-panels, .cm-tooltip": {
      color: colorTextBodyDefault,
      backgroundColor: colorBackgroundContainerContent,
      borderColor: colorBorderDividerDefault,
    },
    ".cm-textfield, .cm-button": {
      color: colorTextBodyDefault,
      backgroundColor: colorBackgroundInputDefault,
      backgroundImage: "none",
      border: `1px solid ${colorTextBodySecondary}`,
    },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: colorTextLinkDefault },
      { tag: [tags.string, tags.special(tags.string)], color: colorTextStatusSuccess },
      { tag: [tags.comment, tags.meta], color: colorTextBodySecondary, fontStyle: "italic" },
      { tag: [tags.bool, tags.number, tags.keyword], color: colorTextStatusInfo },
    ]),
  ),
];
