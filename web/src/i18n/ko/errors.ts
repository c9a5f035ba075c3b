import type { Messages } from "../en";

export const errors: Messages["errors"] = {
  title: "처리하지 못했습니다",
  notFound: "이 주소에는 아무것도 없습니다",
  notFoundHint: "삭제되었거나 주소가 올바르지 않을 수 있습니다.",
  unreachable: "서버가 응답하지 않습니다",
  unreachableHint: "다음 명령으로 시작하세요: pinnace up",
  again: "다시 시도",
  home: "홈으로 이동",
  details: "자세히",
};
