"""What happens in the bots without anybody having asked: found between two looks at them, told by kind."""
