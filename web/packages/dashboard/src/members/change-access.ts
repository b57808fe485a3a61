/** Changing what somebody may do, where two administrators may do so at once. */
import { FaceError, type Face } from "../face/face.ts";
import type { Member, MemberAccess } from "../face/types.ts";
import { texts } from "../texts.ts";

/** Gives `member` what the form says, unless it is no longer what the form began with: that would undo what somebody else did. */
export async function changeAccess(face: Pick<Face, "members" | "setAccess">, organization: string, member: Member, access: MemberAccess): Promise<void> {
  const now = (await face.members(organization)).find(({ userId }) => userId === member.userId);
  if (!now) throw new FaceError("missing", "");
  if (now.updatedAt !== member.updatedAt) throw new FaceError("taken", texts.members.access.stale(member.name));
  await face.setAccess(organization, member.userId, access);
}
