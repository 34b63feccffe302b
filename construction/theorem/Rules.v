(** What rules say in a situation: how many of their conditions it meets, which actions they name, and in which shares.

    Rules are the examples in a prompt, or those in the weights of a tuned network. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding.
Import ListNotations.
Open Scope Q_scope.

Lemma zsum_map {X Y} (f : Y -> Z) (g : X -> Y) l : zsum f (map g l) = zsum (fun x => f (g x)) l.
Proof. induction l as [|x l IH]; cbn; congruence. Qed.

(** How many of the k + 1 conditions of a rule a situation meets. *)
Definition agreements (os : list (option nat)) (ns : list nat) (n : nat) : Z :=
  zsum (fun i => one_if (agrees (nth i os None) (nth i ns 0%nat))) (seq 0 n).

Lemma agreements_spec os : forall ns, length os = length ns ->
  (all_agree os ns = true -> agreements os ns (length os) = Z.of_nat (length os)) /\
  (all_agree os ns = false -> (agreements os ns (length os) <= Z.of_nat (length os) - 1)%Z) .
Proof.
  induction os as [|o os IH]; intros [|n ns] E; cbn [length] in E; try discriminate.
  - split; [reflexivity|discriminate].
  - injection E as E. destruct (IH ns E) as [H1 H2]. unfold agreements in *. cbn [length seq zsum nth all_agree].
    rewrite <- seq_shift, zsum_map. cbn [nth]. destruct (agrees o n); cbn [andb one_if]; split; intros H; try discriminate.
    + rewrite H1 by auto. lia.
    + specialize (H2 H). lia.
    + destruct (all_agree os ns); [rewrite H1 by auto | specialize (H2 eq_refl)]; lia.
Qed.

Lemma indexed_seq {X} (l : list X) d : indexed l = map (fun i => (i, nth i l d)) (seq 0 (length l)).
Proof.
  unfold indexed. enough (G : forall s, combine (seq s (length l)) l = map (fun i => (i, nth (i - s) l d)) (seq s (length l))).
  { rewrite G. apply map_ext. intros i. now rewrite Nat.sub_0_r. }
  induction l as [|x l IH]; intros s; cbn [length seq combine map]; [reflexivity|].
  rewrite Nat.sub_diag. cbn [nth]. f_equal. rewrite IH. apply map_ext_in. intros i I. apply in_seq in I.
  replace (i - s)%nat with (S (i - S s)) by lia. reflexivity.
Qed.

Lemma in_indexed {X} (l : list X) i x d : In (i, x) (indexed l) <-> (i < length l)%nat /\ x = nth i l d.
Proof.
  rewrite (indexed_seq l d), in_map_iff. split.
  - intros (j & E & I). apply in_seq in I. inversion E; subst. split; [lia|reflexivity].
  - intros (H & ->). exists i. split; [reflexivity|]. apply in_seq; lia.
Qed.

Lemma all_agree_exact s' s : all_agree (map Some s') s = true <-> s' = s.
Proof.
  revert s. induction s' as [|a s' IH]; intros [|b s]; cbn [map all_agree agrees]; split; intros H; try discriminate; auto.
  - apply andb_true_iff in H as (H1 & H2). apply Nat.eqb_eq in H1 as ->. apply IH in H2 as ->. reflexivity.
  - injection H as -> ->. rewrite Nat.eqb_refl. now apply IH.
Qed.

(** How many of the k + 1 conditions of a rule a situation meets. *)
Definition points (k : nat) (r : rule) (q : nat) (s : list nat) : Z :=
  (one_if (agrees (on_state r) q) + agreements (on_symbols r) s k)%Z.
Lemma points_of_a_match k r q s : length (on_symbols r) = k -> length s = k -> applies q s r = true ->
  points k r q s = Z.of_nat (k + 1).
Proof.
  intros Lr Ls. unfold applies, points. destruct (agrees _ _); cbn [andb one_if]; [|discriminate]. intros H.
  rewrite <- Lr in *. rewrite (proj1 (agreements_spec _ s (eq_sym Ls))) by auto. lia.
Qed.
Lemma points_of_a_miss k r q s : length (on_symbols r) = k -> length s = k -> applies q s r = false ->
  (points k r q s <= Z.of_nat k)%Z.
Proof.
  intros Lr Ls H. unfold applies, points in *. rewrite <- Lr in *.
  pose proof (agreements_spec (on_symbols r) s (eq_sym Ls)) as [H1 H2].
  destruct (agrees _ _); cbn [andb one_if] in *; [specialize (H2 H); lia|].
  destruct (all_agree (on_symbols r) s); [rewrite H1 by auto|specialize (H2 eq_refl)]; lia.
Qed.

(** A rule in the weights is one without wildcards. *)
Definition as_rule (r : exact_rule) : rule := Rule (Some (in_state r)) (map Some (reading r)) (then_does r).

(** What the examples of a context, or the rules in the weights, say to do in a situation. *)
Definition named (q : nat) (s : list nat) (rules : list rule) : list action := map does (filter (applies q s) rules).
(** The share of the actions that have some property. *)
Definition share (actions : list action) (p : action -> bool) : Q := sum (fun a => ind (p a)) actions / size actions.
Lemma share_bounds A p : 0 <= share A p /\ share A p <= 1.
Proof.
  unfold share. destruct A as [|a A]; [split; discriminate|].
  pose proof (size_pos (a :: A) a (or_introl eq_refl)) as P.
  assert (B : forall b, 0 <= ind (p b) /\ ind (p b) <= 1) by (intros b; destruct (p b); split; discriminate).
  split; [apply Qle_shift_div_l|apply Qle_shift_div_r]; auto.
  - rewrite Qmult_0_l. rewrite <- (Qmult_0_l (size (a :: A))), <- (sum_const 0). apply sum_le. intros; apply B.
  - rewrite <- (sum_const 1). apply sum_le. intros; apply B.
Qed.
(** Where they are all the same, it is 1 or 0. *)
Lemma share_unanimous A a p : A <> [] -> (forall b, In b A -> b = a) -> share A p == ind (p a).
Proof.
  intros N U. unfold share. rewrite (sum_ext _ (fun _ => ind (p a)) A), sum_const by (intros b I; rewrite (U b I); reflexivity).
  destruct A as [|b A]; [congruence|]. pose proof (size_pos (b :: A) b (or_introl eq_refl)). field. lra.
Qed.
Definition nobody (actions : list action) : bool := match actions with [] => true | _ => false end.

(** How often an action is among them, and the chance of a token where so many examples name it: the examples' empirical
    distribution, STOP where none matches. *)
Definition frequency (actions : list action) (a : action) : Q := share actions (fun b => if action_dec a b then true else false).
Definition chance (s : list nat) (q : nat) (examples : list rule) (t : token) : Q :=
  match t with
  | TStep q' s' a => if list_eq_dec Nat.eq_dec (q' :: s') (q :: s) then frequency (named q s examples) a else 0
  | TStop => ind (nobody (named q s examples))
  | _ => 0
  end.
