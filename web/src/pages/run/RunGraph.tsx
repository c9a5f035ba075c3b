import { useQuery } from "@tanstack/react-query";
import { runStructure, type Task } from "~/api/queries/run";
import { GraphView } from "~/graph/GraphView";
import { plainPath } from "~/graph/model";
import { Failure } from "~/ui/Failure";
import { useThrottled } from "./useThrottled";

/** Every change draws all nodes anew, so that changes are gathered. */
const PAUSE = 500;

interface Props {
  run: string;
  tasks: readonly Task[];
  selected: string | undefined;
  onSelect: (node: string) => void;
}

/** The pipeline's graph with the states of a run. */
export function RunGraph({ run, tasks, selected, onSelect }: Props) {
  const structure = useQuery(runStructure(run));
  const shown = useThrottled(tasks, PAUSE);
  if (structure.isError) return <Failure error={structure.error} again={structure.refetch} />;
  if (structure.isPending) return null;
  return (
    <GraphView
      structure={structure.data}
      tasks={shown}
      selected={selected === undefined ? undefined : plainPath(selected)}
      onSelect={(node) => node.runNode !== null && onSelect(node.runNode)}
    />
  );
}
