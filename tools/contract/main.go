package main

import (
	"encoding/json"
	"fmt"
	"os"

	"libcallkey/tools/contract/header"
)

func main() {
	c, err := header.Read("include/callkey.h")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(c)
}
