// Writes golden.json: messages as BuildKit's own Go code encodes them. In a module that requires github.com/moby/buildkit v0.33.0:
//
//	go run golden.go > golden.json
package main

import (
	"encoding/hex"
	"encoding/json"
	"os"

	control "github.com/moby/buildkit/api/services/control"
	gateway "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	fsutil "github.com/tonistiigi/fsutil/types"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func main() {
	messages := map[string]proto.Message{
		"exec": &pb.Op{
			Inputs: []*pb.Input{{Digest: "sha256:aa", Index: 0}, {Digest: "sha256:bb", Index: 3}},
			Op: &pb.Op_Exec{Exec: &pb.ExecOp{
				Meta: &pb.Meta{
					Args: []string{"sh", "-c", ""}, Env: []string{"A=ä"}, Cwd: "/", ValidExitCodes: []int32{0, 1, -1},
					Ulimit: []*pb.Ulimit{{Name: "nofile", Soft: -1, Hard: 9223372036854775807}},
				},
				Mounts: []*pb.Mount{
					{Dest: "/", Output: 0},
					{Input: -1, Dest: "/tmp", Output: -1, MountType: pb.MountType_TMPFS, TmpfsOpt: &pb.TmpfsOpt{}},
				},
				Network: pb.NetMode_NONE,
			}},
			Platform: &pb.Platform{Architecture: "amd64", OS: "linux"},
		},
		"file": &pb.Op{
			Op: &pb.Op_File{File: &pb.FileOp{Actions: []*pb.FileAction{{
				Input: -1, SecondaryInput: -1, Output: 0,
				Action: &pb.FileAction_Mkdir{Mkdir: &pb.FileActionMkDir{
					Path: "/d", Mode: 0755, Timestamp: 1758000000123456789,
					Owner: &pb.ChownOpt{User: &pb.UserOpt{User: &pb.UserOpt_ByID{ByID: 0}}},
				}},
			}}}},
		},
		"definition": &pb.Definition{
			Def: [][]byte{{1, 2}, {}},
			Metadata: map[string]*pb.OpMetadata{
				"sha256:b": {Caps: map[string]bool{"z": true, "a": false, "é": true, "\U0001F600": true, "\uFFFD": true}},
				"sha256:a": {IgnoreCache: true, Description: map[string]string{"k": ""}},
			},
		},
		"stat": &fsutil.Stat{
			Path: "dir/ä b", Mode: 1<<31 | 0755, Size: 1 << 40, ModTime: 1758000000123456789, Devmajor: 8,
			Xattrs: map[string][]byte{"user.b": {}, "user.a": {0}},
		},
		"packet": &fsutil.Packet{Type: fsutil.Packet_PACKET_DATA, ID: 4294967295, Data: []byte("data")},
		"status": &control.StatusResponse{
			Vertexes: []*control.Vertex{{Digest: "sha256:a", Started: &timestamppb.Timestamp{Seconds: 1758000000, Nanos: 5}}},
			Logs:     []*control.VertexLog{{Stream: 2, Msg: []byte("out\n")}},
		},
		"results":  &control.BuildResultInfo{Results: map[int64]*control.Descriptor{1: {Size: 7}, 10: {Size: 8}, 2: {}, 0: {}}},
		"timestamp": &timestamppb.Timestamp{Seconds: -62135596800, Nanos: 1},
		"return": &gateway.ReturnRequest{Error: &spb.Status{
			Code: 3, Message: "no", Details: []*anypb.Any{{TypeUrl: "github.com/moby/buildkit/errdefs.Vertex+json", Value: []byte("{}")}},
		}},
		"fds": &gateway.InitMessage{ContainerID: "c", Fds: []uint32{0, 1, 2}, Tty: true},
	}
	encoded := map[string]string{}
	for name, message := range messages {
		bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
		if err != nil {
			panic(err)
		}
		encoded[name] = hex.EncodeToString(bytes)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(encoded); err != nil {
		panic(err)
	}
}
