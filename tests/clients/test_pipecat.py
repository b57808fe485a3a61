"""pipecat-ai's published DailyRESTHelper, unmodified, against the server."""

import time
import unittest

import aiohttp
from parlor import Parlor
from pipecat.transports.daily.utils import (
    DailyMeetingTokenParams,
    DailyMeetingTokenProperties,
    DailyRESTHelper,
    DailyRoomParams,
    DailyRoomProperties,
)


class DailyRestHelper(unittest.IsolatedAsyncioTestCase):
    """What a voice-agent app does with the helper."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.parlor = Parlor()
        cls.addClassCleanup(cls.parlor.stop)

    async def asyncSetUp(self) -> None:
        self.session = aiohttp.ClientSession()
        self.addAsyncCleanup(self.session.close)
        self.helper = DailyRESTHelper(
            daily_api_key=self.parlor.key,
            daily_api_url=f"{self.parlor.url}/v1",
            aiohttp_session=self.session,
        )

    async def test_a_room_is_created_and_found_by_its_url(self) -> None:
        created = await self.helper.create_room(DailyRoomParams())
        self.assertTrue(created.url.startswith(self.parlor.url))
        found = await self.helper.get_room_from_url(created.url)
        self.assertEqual(found, created)

    async def test_room_properties_come_back(self) -> None:
        expires = time.time() + 300
        room = await self.helper.create_room(
            DailyRoomParams(
                name="helper-room",
                privacy="private",
                properties=DailyRoomProperties(exp=expires, eject_at_room_exp=True, max_participants=2),
            )
        )
        self.assertEqual((room.name, room.privacy), ("helper-room", "private"))
        self.assertEqual(room.config.exp, expires)
        self.assertTrue(room.config.eject_at_room_exp)
        self.assertEqual(room.config.max_participants, 2)

    async def test_the_helpers_whole_set_of_properties_is_accepted(self) -> None:
        properties = DailyRoomProperties(
            exp=time.time() + 300,
            enable_chat=True,
            enable_prejoin_ui=True,
            enable_emoji_reactions=True,
            enable_dialout=False,
            enable_recording="cloud",
            enable_transcription_storage=False,
            geo="eu-central-1",
            start_video_off=True,
        )
        room = await self.helper.create_room(DailyRoomParams(properties=properties))
        self.assertTrue(room.config.enable_chat)
        self.assertTrue(room.config.start_video_off)

    async def test_a_token_opens_the_door_of_a_private_room(self) -> None:
        room = await self.helper.create_room(DailyRoomParams(privacy="private"))
        token = await self.helper.get_token(room.url, expiry_time=60, owner=True)
        self.assertEqual((await self.join(room.name, None)).status, 403)
        joined = await self.join(room.name, token)
        self.assertEqual(joined.status, 200)
        answer = await joined.json(content_type=None)
        self.assertTrue(answer["effective"]["is_owner"])

    async def test_token_properties_reach_the_call(self) -> None:
        room = await self.helper.create_room(DailyRoomParams(privacy="private"))
        params = DailyMeetingTokenParams(
            properties=DailyMeetingTokenProperties(user_name="Bot", user_id="bot-1", start_video_off=True)
        )
        token = await self.helper.get_token(room.url, owner=False, eject_at_token_exp=True, params=params)
        answer = await (await self.join(room.name, token)).json(content_type=None)
        self.assertEqual(answer["effective"]["user_name"], "Bot")
        self.assertFalse(answer["effective"]["is_owner"])
        self.assertTrue(answer["effective"]["properties"]["start_video_off"])

    async def test_a_room_is_deleted_by_its_url_and_deleting_again_is_fine(self) -> None:
        room = await self.helper.create_room(DailyRoomParams())
        self.assertTrue(await self.helper.delete_room_by_url(room.url))
        self.assertTrue(await self.helper.delete_room_by_name(room.name))
        with self.assertRaisesRegex(Exception, "Room not found"):
            await self.helper.get_room_from_url(room.url)

    async def test_a_wrong_key_is_told_why(self) -> None:
        stranger = DailyRESTHelper(
            daily_api_key="not-a-key",
            daily_api_url=f"{self.parlor.url}/v1",
            aiohttp_session=self.session,
        )
        with self.assertRaisesRegex(Exception, "status: 401.*authentication-error"):
            await stranger.create_room(DailyRoomParams())

    async def join(self, room: str, token: str | None) -> aiohttp.ClientResponse:
        """The door as a browser knocks on it."""
        asked = {"room": room} | ({"token": token} if token else {})
        return await self.session.post(f"{self.parlor.url}/_parlor/join", json=asked)


if __name__ == "__main__":
    unittest.main()
