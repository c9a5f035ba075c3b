import { Link } from "@tanstack/react-router";
import { useText } from "~/i18n/text";
import { Empty } from "~/ui/Empty";
import { Page } from "~/ui/Page";

export function NotFound() {
  const text = useText();
  return (
    <Page title={text.errors.title}>
      <Empty icon="search" title={text.errors.notFound}>
        <p>{text.errors.notFoundHint}</p>
        <Link to="/">{text.errors.home}</Link>
      </Empty>
    </Page>
  );
}
