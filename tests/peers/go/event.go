package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// callEvents gives a call stanza as it comes from the server to the client's handler of calls,
// and answers with the events that an app gets.
func callEvents(r *Request) (Answer, error) {
	a, err := account(r)
	if err != nil {
		return nil, err
	}
	node, err := unmarshal(r.Wire)
	if err != nil {
		return nil, err
	}
	told := []map[string]string{}
	handler := a.client.AddEventHandler(func(event any) {
		members := map[string]string{"name": strings.TrimPrefix(fmt.Sprintf("%T", event), "*events.")}
		describe(members, reflect.Indirect(reflect.ValueOf(event)))
		told = append(told, members)
	})
	defer a.client.RemoveEventHandler(handler)
	a.client.DangerousInternals().HandleCallEvent(context.Background(), node)
	return Answer{"events": told}, nil
}

// describe lists an event's texts and JIDs, those of embedded structs too, under Go's names.
func describe(members map[string]string, event reflect.Value) {
	for i := range event.NumField() {
		field := event.Type().Field(i)
		switch value := event.Field(i).Interface().(type) {
		case types.JID:
			if !value.IsEmpty() {
				members[field.Name] = value.String()
			}
		case string:
			if value != "" {
				members[field.Name] = value
			}
		default:
			if field.Anonymous {
				describe(members, event.Field(i))
			}
		}
	}
}
