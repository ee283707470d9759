package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
)

// Account is one device of the peer's, with its database.
type Account struct {
	file      string
	phone     types.JID // the name of its rows
	container *sqlstore.Container
	device    *store.Device
	client    *whatsmeow.Client
}

var accounts = map[string]*Account{}

var background = context.Background()

func account(r *Request) (*Account, error) {
	a := accounts[r.Account]
	if a == nil {
		return nil, fmt.Errorf("there is no account %q", r.Account)
	}
	return a, nil
}

func (a *Account) connect() (err error) {
	a.container, err = sqlstore.New(background, "sqlite3", "file:"+a.file+"?_foreign_keys=on&_synchronous=off", nil)
	return err
}

func (a *Account) use(device *store.Device) {
	a.device, a.client = device, whatsmeow.NewClient(device, nil)
}

// create makes an account in a new database file in the working folder.
func create(r *Request) (Answer, error) {
	lid, err := types.ParseJID(r.JID)
	if err != nil {
		return nil, err
	}
	a := &Account{file: r.Account + ".db", phone: lid}
	a.phone.Server = types.DefaultUserServer
	if err := a.connect(); err != nil {
		return nil, err
	}
	device := a.container.NewDevice()
	device.ID, device.LID = &a.phone, lid
	// The table of devices wants what pairing brings; no message depends on it.
	device.Account = &waAdv.ADVSignedDeviceIdentity{
		Details:             make([]byte, 16),
		AccountSignatureKey: make([]byte, 32),
		AccountSignature:    make([]byte, 64),
		DeviceSignature:     make([]byte, 64),
	}
	if err := device.Save(background); err != nil {
		return nil, err
	}
	a.use(device)
	accounts[r.Account] = a
	return Answer{"registration_id": device.RegistrationID, "identity_key": Hex(device.IdentityKey.Pub[:])}, nil
}

// storage answers with the path of the account's database.
func storage(r *Request) (Answer, error) {
	a, err := account(r)
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(a.file)
	return Answer{"path": path}, err
}

// reopen does what a restart of the app does.
func reopen(r *Request) (Answer, error) {
	a, err := account(r)
	if err != nil {
		return nil, err
	}
	if err := a.container.Close(); err != nil {
		return nil, err
	}
	if err := a.connect(); err != nil {
		return nil, err
	}
	device, err := a.container.GetDevice(background, a.phone)
	if err != nil {
		return nil, err
	}
	if device == nil {
		return nil, errors.New("the account is gone after a restart")
	}
	a.use(device)
	return nil, nil
}
