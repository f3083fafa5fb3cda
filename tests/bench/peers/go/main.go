// Decodes every event of a binlog file with go-mysql and prints how many row images it saw.
package main

import (
	"fmt"
	"os"

	"github.com/go-mysql-org/go-mysql/replication"
)

func main() {
	parser := replication.NewBinlogParser()
	parser.SetVerifyChecksum(true)
	parser.SetFlavor(os.Args[2])
	events, images := 0, 0
	err := parser.ParseFile(os.Args[1], 0, func(event *replication.BinlogEvent) error {
		events++
		if rows, ok := event.Event.(*replication.RowsEvent); ok {
			images += len(rows.Rows)
		}
		return nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d events, %d row images\n", events, images)
}
