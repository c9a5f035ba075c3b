import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import styles from "./Tabs.module.css";

interface Props<T extends string> {
  value: T;
  onChange: (value: T) => void;
  tabs: readonly { key: T; name: ReactNode }[];
  /** Beside the tabs, at the end. */
  aside?: ReactNode;
  children: ReactNode;
}

/** Tabs over one panel: the children belong to the chosen one. */
export function Tabs<T extends string>({ value, onChange, tabs, aside, children }: Props<T>) {
  return (
    <Base.Root className={styles["root"]} value={value} onValueChange={(chosen: T) => onChange(chosen)}>
      <div className={styles["bar"]}>
        <Base.List className={styles["list"]}>
          {tabs.map((tab) => (
            <Base.Tab key={tab.key} value={tab.key} className={styles["tab"]}>
              {tab.name}
            </Base.Tab>
          ))}
        </Base.List>
        {aside}
      </div>
      <Base.Panel value={value} className={styles["panel"]}>
        {children}
      </Base.Panel>
    </Base.Root>
  );
}
