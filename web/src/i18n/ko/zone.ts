import type { Messages } from "../en";

export const zone: Messages["zone"] = { label: "시간 표시", local: "내 시간대", utc: "UTC" };
