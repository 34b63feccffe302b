(** Tokens as rows of the vocabulary: construction/vocabulary.py, and the codec's numbers for rows.

    A token is a kind and fields; each has a row. In joint code an action is one field, in factored code a field for the
    next state, one for each symbol written and one for each move. *)
From Coq Require Import List Bool PeanoNat.
From Tapehead Require Import Machine.
Import ListNotations.

Inductive code := Joint | Factored.
Inductive field := FAction (a : action) | FNext (q : nat) | FWrite (i a : nat) | FMove (i : nat) (m : move).

Inductive row :=
| RBos | RExample | RExState (o : option nat) | RExSymbol (i : nat) (o : option nat) | RExField (f : field)
| RCellKind | RCell (i a : nat) | RShiftKind | RShift (i : nat) (m : move) | RRun | RRunState (q : nat)
| RStep | RStepState (q : nat) | RStepSymbol (i a : nat) | RStepField (f : field) | RStop.

Definition parts (a : action) : list field :=
  FNext (next a) :: map (fun p => FWrite (fst p) (snd p)) (indexed (writes a))
                 ++ map (fun p => FMove (fst p) (snd p)) (indexed (moves a)).
Definition fields (cd : code) (a : action) : list field := match cd with Joint => [FAction a] | Factored => parts a end.

(** The rows of a token. *)
Definition rows (cd : code) (t : token) : list row :=
  match t with
  | TBos => [RBos]
  | TExample r => RExample :: RExState (on_state r)
      :: map (fun p => RExSymbol (fst p) (snd p)) (indexed (on_symbols r)) ++ map RExField (fields cd (does r))
  | TCell i a => [RCellKind; RCell i a]
  | TShift i m => [RShiftKind; RShift i m]
  | TRun q => [RRun; RRunState q]
  | TStep q s a => RStep :: RStepState q :: map (fun p => RStepSymbol (fst p) (snd p)) (indexed s)
      ++ map RStepField (fields cd a)
  | TStop => [RStop]
  end.

Definition move_dec (a b : move) : {a = b} + {a <> b}. Proof. decide equality. Defined.
Definition action_dec (a b : action) : {a = b} + {a <> b}.
Proof. decide equality; [apply list_eq_dec, move_dec | apply list_eq_dec, Nat.eq_dec | apply Nat.eq_dec]. Defined.
Definition field_dec (a b : field) : {a = b} + {a <> b}.
Proof. decide equality; first [apply action_dec | apply Nat.eq_dec | apply move_dec]. Defined.
Definition row_dec (a b : row) : {a = b} + {a <> b}.
Proof. decide equality; try apply field_dec; try apply Nat.eq_dec; try apply move_dec; decide equality; apply Nat.eq_dec. Defined.
Definition option_dec (a b : option nat) : {a = b} + {a <> b}. Proof. decide equality; apply Nat.eq_dec. Defined.
Definition rule_dec (a b : rule) : {a = b} + {a <> b}.
Proof. decide equality; [apply action_dec | apply list_eq_dec, option_dec | apply option_dec]. Defined.
Definition token_dec (a b : token) : {a = b} + {a <> b}.
Proof.
  decide equality; try apply Nat.eq_dec; try apply move_dec; try apply rule_dec; try apply action_dec.
  apply list_eq_dec, Nat.eq_dec.
Defined.

Section Capacity.
  Variables (nQ nS k : nat) (cd : code).
  Definition states := seq 0 nQ.
  Definition symbols := seq 0 nS.
  Definition marks := seq 1 (nS - 1).  (* every symbol but the blank *)
  Definition tapes := seq 0 k.
  Definition all_moves := [L; S_; R].

  Fixpoint words {X} (alphabet : list X) (n : nat) : list (list X) :=
    match n with O => [[]] | S n => flat_map (fun a => map (cons a) (words alphabet n)) alphabet end.
  Definition all_actions : list action :=
    flat_map (fun q => flat_map (fun w => map (Action q w) (words all_moves k)) (words symbols k)) states.
  (** [nodup] drops nothing here; it saves a proof that the enumeration repeats nothing. *)
  Definition all_fields : list field := nodup field_dec
    match cd with
    | Joint => map FAction all_actions
    | Factored => map FNext states ++ flat_map (fun i => map (FWrite i) symbols) tapes
                  ++ flat_map (fun i => map (FMove i) all_moves) tapes
    end.

  (** All rows, in the order of their numbers. Row 0 is "no field", so the first of these is number 1. *)
  Definition vocabulary_parts : list (list row) := [
    [RBos; RExample]; map RExState (None :: map Some states);
    flat_map (fun i => map (RExSymbol i) (None :: map Some symbols)) tapes; map RExField all_fields;
    [RCellKind]; flat_map (fun i => map (RCell i) symbols) tapes;
    [RShiftKind]; flat_map (fun i => [RShift i L; RShift i R]) tapes;
    [RRun]; map RRunState states;
    [RStep]; map RStepState states; flat_map (fun i => map (RStepSymbol i) symbols) tapes;
    map RStepField all_fields; [RStop]].
  Definition vocabulary : list row := concat vocabulary_parts.
End Capacity.

Fixpoint index {X} (dec : forall a b : X, {a = b} + {a <> b}) (x : X) (l : list X) : nat :=
  match l with [] => 0 | y :: l => if dec x y then 0 else S (index dec x l) end.
Definition row_number (all_rows : list row) (r : row) : nat := S (index row_dec r all_rows).
(** A token as the codec writes it: the numbers of its rows, padded with 0 to a fixed width. *)
Definition number (all_rows : list row) (width : nat) (token : list row) : list nat :=
  map (row_number all_rows) token ++ repeat 0 (width - length token).
(** The widest tokens are EXAMPLE and STEP: kind, state, k symbols and the action's fields. *)
Definition token_width (k : nat) (cd : code) : nat := match cd with Joint => k + 3 | Factored => 3 * k + 3 end.
Definition encode (nQ nS k : nat) (cd : code) (t : token) : list nat :=
  number (vocabulary nQ nS k cd) (token_width k cd) (rows cd t).
