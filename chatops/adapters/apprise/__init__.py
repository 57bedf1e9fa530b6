"""Channels beyond the chats, through Apprise: e-mail, push, SMS and a hundred more. Nothing else knows Apprise."""
