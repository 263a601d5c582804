import os, sys
from . import tools
from .places import Places
def main():
    places = Places.from_environment(os.environ)
    for name in sys.argv[2:]:
        print(tools.ensure(places, name))
    return 0
