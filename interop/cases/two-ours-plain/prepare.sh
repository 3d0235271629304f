: # run.sh starts the daemons
