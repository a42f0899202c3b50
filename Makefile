.PHONY: help demo test prove lint
help:
	@python3 run.py help
demo test prove lint:
	@python3 run.py $@
