import Box from "@cloudscape-design/components/box";
import FileInput from "@cloudscape-design/components/file-input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type DragEvent, type ReactNode, useState } from "react";
import "./assets.css";

interface Props {
  several: boolean;
  onFiles(files: File[]): void;
  children?: ReactNode;
}

/** Takes files: dropped anywhere on it, or chosen. */
export function DropArea({ several, onFiles, children }: Props) {
  const [over, setOver] = useState(false);
  const enter = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(true);
  };
  const leave = (event: DragEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length > 0) onFiles(several ? files : files.slice(0, 1));
  };
  return (
    // Dropping is for a mouse; the button does the same for everybody.
    <div onDragEnter={enter} onDragOver={enter} onDragLeave={leave} onDrop={drop}>
      <SpaceBetween size="l">
        <div className={over ? "drop-area drop-area-over" : "drop-area"}>
          <SpaceBetween size="xs" alignItems="center">
            <Box>{several ? "Drop files here, or choose them" : "Drop a file here, or choose it"}</Box>
            <FileInput
              multiple={several}
              value={[]}
              onChange={({ detail }) => onFiles(detail.value)}
              ariaLabel={several ? "Choose files" : "Choose a file"}
            >
              {several ? "Choose files" : "Choose a file"}
            </FileInput>
            <Box variant="small">
              Images up to 5 MB (JPEG, PNG, USDZ), documents up to 20 MB (PDF, Word, Excel, PowerPoint), sounds up to 16
              MB (AAC, AMR, M4A, MP3, Opus), videos up to 5 MB (MP4)
            </Box>
          </SpaceBetween>
        </div>
        {children}
      </SpaceBetween>
    </div>
  );
}
