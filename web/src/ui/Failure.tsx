import { ApiError } from "~/api/client";
import { useText } from "~/i18n/text";
import { Button } from "./Button";
import { Empty } from "./Empty";
import { Page } from "./Page";

interface Props {
  error: unknown;
  again?: () => void;
  /** It stands for the whole page, and therefore has its heading. */
  page?: boolean;
}

/** An error with what to do next. */
export function Failure({ page = false, ...props }: Props) {
  const text = useText();
  const words = <Words {...props} />;
  return page ? <Page title={text.errors.title}>{words}</Page> : words;
}

function Words({ error, again }: Omit<Props, "page">) {
  const text = useText();
  const status = error instanceof ApiError ? error.status : null;
  const message = error instanceof Error ? error.message : String(error);
  const retry = again ? (
    <Button icon="retry" onClick={again}>
      {text.errors.again}
    </Button>
  ) : null;
  if (status === 404) {
    return (
      <Empty icon="search" title={text.errors.notFound}>
        <p>{message}</p>
        <p>{text.errors.notFoundHint}</p>
      </Empty>
    );
  }
  if (status === 0) {
    return (
      <Empty icon="warning" title={text.errors.unreachable} tone="bad">
        <code>{text.errors.unreachableHint}</code>
        {retry}
      </Empty>
    );
  }
  return (
    <Empty icon="warning" title={text.errors.title} tone="bad">
      <p>{message}</p>
      {retry}
    </Empty>
  );
}
