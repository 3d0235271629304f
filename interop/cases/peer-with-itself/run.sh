step "the other strongSwan initiates"
swan other --initiate --child net --timeout 10 || die "two strongSwans do not reach each other"
ping_across ours 20
ping_across peer 20
swan peer --list-sas
