import Icon from "@cloudscape-design/components/icon";
import { Fragment } from "react";
import { moment } from "../../app/times";
import { sizeWords } from "../assets/asset-rules";
import { type Entry, entriesOf, type Turn, type TurnFile } from "./transcript";
import "./sessions.css";

const WHO: Record<Entry["side"], string> = {
  contact: "The contact",
  bot: "The bot",
  person: "A person of the business",
  note: "",
};

/** A session as a chat: the contact on the left, the business on the right, and what happened between them. */
export function Chat({ turns, said }: { turns: readonly Turn[]; said(turn: Turn, node: string): string }) {
  return (
    // It scrolls, so that the keyboard must reach it.
    <div className="chat" role="region" aria-label="Chat" tabIndex={0}>
      {turns.map((turn) => (
        <Fragment key={turn.id}>
          <div className="chat-time">{moment(turn.at)}</div>
          {entriesOf(turn, (node) => said(turn, node)).map((entry, index) => (
            <ChatEntry key={`${turn.id} ${index}`} entry={entry} />
          ))}
        </Fragment>
      ))}
    </div>
  );
}

function ChatEntry({ entry: { side, text, detail, failed, files } }: { entry: Entry }) {
  const warning = failed && <Icon name="status-warning" variant="warning" size="small" ariaLabel="Trouble" />;
  if (side === "note") {
    return (
      <div className="chat-note">
        {warning} {text}
      </div>
    );
  }
  return (
    <div className={`chat-bubble chat-bubble-${side}`}>
      <span className="only-spoken">{WHO[side]}: </span>
      {files.map((file) => (
        <ChatFile key={file.sha256} file={file} />
      ))}
      {text && <div className="chat-text">{text}</div>}
      {!text && files.length === 0 && <div className="chat-text">A message without words</div>}
      {detail && (
        <div className="chat-detail">
          {warning} {detail}
        </div>
      )}
    </div>
  );
}

/** A file is only ever downloaded: what customers send is shown on no page of ours, but for the library's thumbnails. */
function ChatFile({ file }: { file: TurnFile }) {
  return (
    <a className="chat-file" href={file.url} download={file.filename} rel="noreferrer">
      {file.thumbnail ? <img src={file.thumbnail} alt="" /> : <Icon name="file" size="medium" />}
      <span className="file-name">
        {file.filename} ({sizeWords(file.size)})
      </span>
    </a>
  );
}
