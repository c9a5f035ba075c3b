import type { Messages } from "../en";

export const token: Messages["token"] = {
  title: "이 서버는 토큰이 필요합니다",
  hint: "서버를 시작할 때 --token 또는 PINNACE_TOKEN으로 지정한 값입니다. 이 탭을 닫을 때까지만 보관됩니다.",
  label: "토큰",
  wrong: "서버가 이 토큰을 받아들이지 않습니다.",
  enter: "계속",
};
