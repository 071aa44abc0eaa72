// Answers queries.txt for tree.txt by fsutil itself; the output is expected.txt. With a go.mod that requires
// github.com/tonistiigi/fsutil v0.0.0-20260819142231-83cac42c1c52:
//
//	go run oracle.go < queries.txt > expected.txt
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tonistiigi/fsutil"
)

func main() {
	root, _ := os.MkdirTemp("", "walks")
	defer os.RemoveAll(root)
	tree, _ := os.ReadFile("tree.txt")
	for _, line := range strings.Split(strings.TrimSpace(string(tree)), "\n") {
		kind, path, _ := strings.Cut(line, " ")
		switch kind {
		case "dir":
			os.Mkdir(filepath.Join(root, path), 0o755)
		case "file":
			os.WriteFile(filepath.Join(root, path), nil, 0o644)
		case "link":
			path, target, _ := strings.Cut(path, " -> ")
			os.Symlink(target, filepath.Join(root, path))
		}
	}
	queries := bufio.NewScanner(os.Stdin)
	for queries.Scan() {
		var query struct{ Include, Exclude, Follow []string }
		json.Unmarshal(queries.Bytes(), &query)
		files, _ := fsutil.NewFS(root)
		files, err := fsutil.NewFilterFS(files, &fsutil.FilterOpt{
			IncludePatterns: query.Include, ExcludePatterns: query.Exclude, FollowPaths: query.Follow,
		})
		paths := []string{}
		if err == nil {
			err = files.Walk(context.TODO(), "/", func(path string, _ fs.DirEntry, err error) error {
				paths = append(paths, path)
				return err
			})
		}
		if err != nil {
			paths = []string{"error"}
		}
		answer, _ := json.Marshal(paths)
		fmt.Println(string(answer))
	}
}
