"""pipecat-ai's published DailyRESTHelper and its runner's configure, unmodified, against the server."""

import os
import time
import unittest
import unittest.mock

import aiohttp
from parlor import Parlor
from pipecat.runner.daily import configure
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


class RunnerConfigure(unittest.IsolatedAsyncioTestCase):
    """How a bot started by pipecat's runner gets its room and token."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.parlor = Parlor()
        cls.addClassCleanup(cls.parlor.stop)

    async def asyncSetUp(self) -> None:
        self.session = aiohttp.ClientSession()
        self.addAsyncCleanup(self.session.close)
        self.set_environment(DAILY_API_KEY=self.parlor.key, DAILY_API_URL=f"{self.parlor.url}/v1")

    def set_environment(self, **variables: str) -> None:
        patch = unittest.mock.patch.dict(os.environ, variables)
        patch.start()
        self.addCleanup(patch.stop)

    async def test_a_room_and_an_owners_token_are_made(self) -> None:
        room_url, token = await configure(self.session, room_exp_duration=0.5, token_exp_duration=0.25)
        name = room_url.removeprefix(f"{self.parlor.url}/")
        self.assertRegex(name, r"^pipecat-[0-9a-f]{8}$")
        room = self.parlor.call("GET", f"/v1/rooms/{name}").json()
        self.assertAlmostEqual(room["config"]["exp"], time.time() + 1800, delta=60)
        self.assertTrue(room["config"]["eject_at_room_exp"])
        granted = self.parlor.call("GET", f"/v1/meeting-tokens/{token}").json()
        self.assertEqual(granted["room_name"], name)
        self.assertTrue(granted["is_owner"])
        self.assertAlmostEqual(granted["exp"], time.time() + 900, delta=60)
        self.assertTrue((await self.join(name, token))["effective"]["is_owner"])

    async def test_an_existing_room_is_used_by_its_url(self) -> None:
        room = self.parlor.call("POST", "/v1/rooms", {"name": "sample", "privacy": "private"}).json()
        self.set_environment(DAILY_ROOM_URL=room["url"])
        config = await configure(self.session)
        self.assertEqual(config.room_url, room["url"])
        self.assertIsNone(config.sip_endpoint)
        self.assertTrue((await self.join("sample", config.token))["effective"]["is_owner"])

    async def test_properties_of_room_and_token_are_the_callers(self) -> None:
        config = await configure(
            self.session,
            room_properties=DailyRoomProperties(exp=time.time() + 60, enable_recording="cloud", max_participants=3),
            token_properties=DailyMeetingTokenProperties(user_name="Bot", user_id="bot-7", start_video_off=True),
        )
        name = config.room_url.rsplit("/", 1)[-1]
        kept = self.parlor.call("GET", f"/v1/rooms/{name}").json()["config"]
        self.assertEqual((kept["enable_recording"], kept["max_participants"]), ("cloud", 3))
        effective = (await self.join(name, config.token))["effective"]
        self.assertEqual(effective["user_name"], "Bot")
        self.assertTrue(effective["properties"]["start_video_off"])

    async def test_a_room_for_dial_in_is_made(self) -> None:
        config = await configure(self.session, sip_caller_phone="+15551234567", sip_num_endpoints=2)
        name = config.room_url.rsplit("/", 1)[-1]
        self.assertRegex(name, r"^pipecat-telephony-[0-9a-f]{8}$")
        kept = self.parlor.call("GET", f"/v1/rooms/{name}").json()["config"]
        self.assertEqual((kept["sip"]["sip_mode"], kept["sip"]["num_endpoints"]), ("dial-in", 2))
        self.assertTrue(kept["start_video_off"])

    async def test_without_a_key_nothing_is_asked(self) -> None:
        self.set_environment(DAILY_API_KEY="")
        with self.assertRaisesRegex(Exception, "DAILY_API_KEY"):
            await configure(self.session)

    async def join(self, room: str, token: str) -> dict:
        """The door as a browser knocks on it."""
        asked = {"room": room, "token": token}
        answer = await self.session.post(f"{self.parlor.url}/_parlor/join", json=asked)
        self.assertEqual(answer.status, 200)
        return await answer.json(content_type=None)


if __name__ == "__main__":
    unittest.main()
