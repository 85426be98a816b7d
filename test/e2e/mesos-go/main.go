// A scheduler and an executor made of mesos-go's own parts, which are used as they are: HTTP clients, event rules,
// controller, protobuf. As a scheduler it launches tasks, prints every status and ends well once all of them have
// finished; started by an agent, with an executor id in its environment, it is the executor of those tasks.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/encoding/codecs"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
	execcalls "github.com/mesos/mesos-go/api/v1/lib/executor/calls"
	"github.com/mesos/mesos-go/api/v1/lib/executor/config"
	"github.com/mesos/mesos-go/api/v1/lib/extras/scheduler/callrules"
	"github.com/mesos/mesos-go/api/v1/lib/extras/scheduler/controller"
	"github.com/mesos/mesos-go/api/v1/lib/extras/scheduler/eventrules"
	"github.com/mesos/mesos-go/api/v1/lib/extras/store"
	"github.com/mesos/mesos-go/api/v1/lib/httpcli"
	"github.com/mesos/mesos-go/api/v1/lib/httpcli/httpexec"
	"github.com/mesos/mesos-go/api/v1/lib/httpcli/httpsched"
	"github.com/mesos/mesos-go/api/v1/lib/resources"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler/calls"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler/events"
)

var (
	master   = flag.String("master", "", "URL of the master's scheduler API")
	wanted   = flag.Int("tasks", 10, "how many tasks")
	asExec   = flag.Bool("executor", false, "run them by an executor: this program again")
	patience = flag.Duration("patience", time.Minute, "give up after that")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	var err error
	if os.Getenv("MESOS_EXECUTOR_ID") != "" {
		err = execute()
	} else {
		err = schedule()
	}
	if err != nil {
		log.Fatal(err)
	}
}

// schedule runs until every task has finished.
func schedule() error {
	ctx, cancel := context.WithTimeout(context.Background(), *patience)
	defer cancel()
	var (
		failover = time.Hour.Seconds()
		info     = &mesos.FrameworkInfo{User: "root", Name: "mesos-go", FailoverTimeout: &failover}
		ids      = store.NewInMemorySingleton()
		launched int
		finished = map[string]bool{}
		outcome  error
	)
	caller := callrules.WithFrameworkID(store.GetIgnoreErrors(ids)).Caller(httpsched.NewCaller(httpcli.New(
		httpcli.Endpoint(*master),
		httpcli.Codec(codecs.ByMediaType[codecs.MediaTypeProtobuf]),
	)))
	offers := events.HandlerFunc(func(ctx context.Context, e *scheduler.Event) error {
		for _, offer := range e.GetOffers().GetOffers() {
			var (
				tasks []mesos.TaskInfo
				left  = mesos.Resources(offer.Resources)
			)
			for launched < *wanted {
				task := taskOf(launched+1, offer.AgentID)
				need := mesos.Resources(task.Resources).Plus(executorResources(task, len(tasks) == 0)...)
				if !resources.ContainsAll(resources.Flatten(left), need) {
					break
				}
				left = resources.Flatten(left)
				left.Subtract(need...)
				tasks = append(tasks, task)
				launched++
			}
			accept := calls.Accept(calls.OfferOperations{calls.OpLaunch(tasks...)}.WithOffers(offer.ID))
			if len(tasks) == 0 {
				accept = calls.Decline(offer.ID)
			}
			if err := calls.CallNoData(ctx, caller, accept.With(calls.RefuseSeconds(time.Second))); err != nil {
				return err
			}
		}
		return nil
	})
	updates := events.HandlerFunc(func(ctx context.Context, e *scheduler.Event) error {
		status := e.GetUpdate().GetStatus()
		id := status.GetTaskID().Value
		fmt.Println(id, status.GetState(), status.GetMessage())
		switch status.GetState() {
		case mesos.TASK_FINISHED:
			finished[id] = true
		case mesos.TASK_STARTING, mesos.TASK_RUNNING:
		default:
			outcome = fmt.Errorf("%s is %s: %s", id, status.GetState(), status.GetMessage())
			cancel()
		}
		if len(finished) == *wanted {
			defer cancel()
			return calls.CallNoData(ctx, caller, &scheduler.Call{Type: scheduler.Call_TEARDOWN})
		}
		return nil
	})
	handler := eventrules.New(
		controller.LiftErrors(),
		eventrules.HandleF(func(_ context.Context, e *scheduler.Event) error {
			if e.GetType() == scheduler.Event_ERROR {
				return fmt.Errorf("the master says: %s", e.GetError().GetMessage())
			}
			return nil
		}),
	).Handle(events.Handlers{
		scheduler.Event_SUBSCRIBED: eventrules.New(controller.TrackSubscription(ids, time.Hour)),
		scheduler.Event_OFFERS:     offers,
		scheduler.Event_UPDATE:     controller.AckStatusUpdates(caller).Handle(updates),
	}.Otherwise(func(context.Context, *scheduler.Event) error { return nil }))
	tokens := make(chan struct{}, 1)
	tokens <- struct{}{}
	close(tokens)
	err := controller.Run(ctx, info, caller,
		controller.WithEventHandler(handler),
		controller.WithFrameworkID(store.GetIgnoreErrors(ids)),
		controller.WithRegistrationTokens(tokens))
	if outcome != nil {
		return outcome
	}
	if len(finished) < *wanted {
		return fmt.Errorf("%d of %d tasks have finished: %v", len(finished), *wanted, err)
	}
	return nil
}

func taskOf(number int, agent mesos.AgentID) mesos.TaskInfo {
	id := fmt.Sprintf("go-%d", number)
	task := mesos.TaskInfo{
		Name:      id,
		TaskID:    mesos.TaskID{Value: id},
		AgentID:   agent,
		Resources: small(),
	}
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	if *asExec {
		task.Executor = &mesos.ExecutorInfo{
			Type:       mesos.ExecutorInfo_CUSTOM,
			ExecutorID: mesos.ExecutorID{Value: "go"},
			Command:    &mesos.CommandInfo{Value: &self},
			Resources:  small(),
		}
	} else {
		line := "echo done by " + id
		task.Command = &mesos.CommandInfo{Value: &line}
	}
	return task
}

func small() []mesos.Resource {
	return []mesos.Resource{
		resources.NewCPUs(0.1).Resource,
		resources.NewMemory(32).Resource,
	}
}

// executorResources of the first task of an offer: its executor may not be there yet.
func executorResources(task mesos.TaskInfo, first bool) []mesos.Resource {
	if task.Executor == nil || !first {
		return nil
	}
	return task.Executor.Resources
}

// execute subscribes with the agent and finishes every task as soon as it comes.
func execute() error {
	cfg, err := config.FromEnv()
	if err != nil {
		return err
	}
	api := url.URL{Scheme: "http", Host: cfg.AgentEndpoint, Path: "/api/v1/executor"}
	http := httpcli.New(
		httpcli.Endpoint(api.String()),
		httpcli.Codec(codecs.ByMediaType[codecs.MediaTypeProtobuf]),
	)
	sender := execcalls.SenderWith(
		httpexec.NewSender(http.Send),
		execcalls.Framework(cfg.FrameworkID),
		execcalls.Executor(cfg.ExecutorID),
	)
	stream, err := sender.Send(context.Background(), execcalls.NonStreaming(execcalls.Subscribe(nil, nil)))
	if err != nil {
		return err
	}
	defer stream.Close()
	for {
		var e executor.Event
		if err := stream.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		switch e.GetType() {
		case executor.Event_LAUNCH:
			task := e.GetLaunch().GetTask()
			for _, state := range []mesos.TaskState{mesos.TASK_RUNNING, mesos.TASK_FINISHED} {
				if err := tell(sender, task.TaskID, state); err != nil {
					return err
				}
			}
		case executor.Event_SHUTDOWN:
			return nil
		}
	}
}

func tell(sender execcalls.Sender, task mesos.TaskID, state mesos.TaskState) error {
	source := mesos.SOURCE_EXECUTOR
	uuid := make([]byte, 16)
	file, err := os.Open("/dev/urandom")
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.ReadFull(file, uuid); err != nil {
		return err
	}
	message := "by an executor of mesos-go"
	return execcalls.SendNoData(context.Background(), sender, execcalls.NonStreaming(execcalls.Update(mesos.TaskStatus{
		TaskID:  task,
		State:   &state,
		Source:  &source,
		UUID:    uuid,
		Message: &message,
	})))
}
